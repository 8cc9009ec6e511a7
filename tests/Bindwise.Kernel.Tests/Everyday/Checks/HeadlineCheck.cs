using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>The first line is true: as the kernel answers a server that starts, and about processes that there are.</summary>
internal static partial class HeadlineCheck
{
    /// <summary>Checks a row.</summary>
    public static async Task RunAsync(Machine machine, Situation row, Asked asked, Faults faults)
    {
        faults.Expect(asked.Text.Error.Length == 0, "nothing on standard error");
        faults.Expect(asked.Text.ExitCode == row.ExitCode, $"exit code {row.ExitCode}, not {asked.Text.ExitCode}");
        if (!faults.Expect(asked.Answers.Count == row.Answers, $"{row.Answers} answers, not {asked.Answers.Count}") || asked.Answers.Count == 0)
            return;

        var answer = asked.Answers[0];
        var text = Joined(asked.Lines);
        var first = Joined([answer.Summary]);
        faults.Expect(Timeless(text).StartsWith(Timeless(first), StringComparison.Ordinal), "the text starts with the summary of the JSON");
        foreach (var part in row.Says)
            faults.Expect(first.Contains(Filled(machine, part), StringComparison.Ordinal), $"the first line says '{Filled(machine, part)}': {first}");
        foreach (var part in row.Tells)
            faults.Expect(text.Contains(Filled(machine, part), StringComparison.Ordinal), $"the text says '{Filled(machine, part)}'");
        foreach (var part in row.Never)
            faults.Expect(!text.Contains(part, StringComparison.Ordinal), $"the text does not say '{part}'");
        if (row.Cause is not null)
            faults.Expect(answer.Cause == row.Cause, $"the cause {row.Cause}, not {answer.Cause}");

        faults.Expect(answer.Errno is null || first.Contains(answer.Errno, StringComparison.Ordinal), $"the first line names {answer.Errno}");
        var running = machine.Host.Processes.Commands();
        foreach (Match match in Pid().Matches(first))
            faults.Expect(running.ContainsKey(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)), $"there is a process {match.Groups[1].Value}, which the first line names");
        if (answer.Target.Protocol != "unix")
            await AgreesAsync(machine, row, answer, first, faults);
    }

    /// <summary>What is told of bind() and listen() is what the kernel answers; for a bare TCP target, to a server as servers are.</summary>
    private static async Task AgreesAsync(Machine machine, Situation row, Answer answer, string first, Faults faults)
    {
        await Answers.Kernel.AgreesAsync(machine.Host, answer.As is { } program ? checked((int)program.UserId) : row.User, answer);
        if (answer.Target.Protocol != "tcp" || row.Pasted is not null || row.Ask.Contains("--", StringComparison.Ordinal))
            return;
        var usual = await Reality.StartAsync(machine, row.User, answer.Target, "SO_REUSEADDR");
        var plain = await Reality.StartAsync(machine, row.User, answer.Target);
        var addresses = Reality.AddressesOf(answer.Target);
        if (usual.Distinct().Count() > 1)
        {
            // Taken on one family and free on the other: the first line has to tell them apart.
            faults.Expect(first.Contains("IPv4", StringComparison.Ordinal) && first.Contains("free", StringComparison.Ordinal),
                $"the first line says what is taken and what is free: {string.Join(", ", addresses.Zip(usual))}");
            return;
        }
        faults.Expect(usual[0] == "ok" ? answer is { Verdict: "free", Errno: null } : answer.Verdict == "blocked" && answer.Errno == usual[0],
            $"a server with SO_REUSEADDR meets {usual[0]}, the verdict is {answer.Verdict} {answer.Errno}");
        faults.Expect(usual[0] == "ok" == !first.Contains("is taken", StringComparison.Ordinal) || usual[0] is not ("ok" or "EADDRINUSE"), $"'is taken' only where it is: {first}");
        faults.Expect(usual.SequenceEqual(plain) || first.Contains("SO_REUSEADDR", StringComparison.Ordinal), "the first line says that it depends on SO_REUSEADDR");
    }

    /// <summary>Lines as one, since wrapping is for the width.</summary>
    private static string Joined(IEnumerable<string> lines) => Blank().Replace(string.Join(' ', lines), " ").Trim();

    /// <summary>Without the seconds, which pass between two answers.</summary>
    private static string Timeless(string text) => SecondsLeft().Replace(text, "N s");

    /// <summary>{pid PART}: the process with that part in its command line.</summary>
    private static string Filled(Machine machine, string part) =>
        PidOf().Replace(part, match => machine.PidsOf(match.Groups[1].Value)[0].ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\d+ s\b")]
    private static partial Regex SecondsLeft();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\bpid (\d+)")]
    private static partial Regex Pid();

    [GeneratedRegex(@"\{pid ([^}]*)\}")]
    private static partial Regex PidOf();
}
