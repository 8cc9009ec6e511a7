using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>The first step is run as somebody would paste it: it ends what it must end and nothing else, and the port is free.</summary>
internal static partial class AdviceCheck
{
    /// <summary>Checks a row.</summary>
    public static async Task RunAsync(Machine machine, Situation row, Asked asked, Faults faults)
    {
        if (asked.Answers.Count == 0)
            return;
        var answer = asked.Answers[0];
        if (row.Advice.Remedies is { Length: > 0 } ids)
            faults.Expect(answer.Remedies.Count > 0 && ids.Contains(answer.Remedies[0].Id), $"first {string.Join(" or ", ids)}, not {(answer.Remedies.Count > 0 ? answer.Remedies[0].Id : "none")}");
        var step = answer.Remedies.FirstOrDefault(remedy => remedy is { Command: not null, Language: null } && (row.Advice.By is null || row.Advice.By == remedy.Id));
        if (row.Advice.Ended is not { } ended)
        {
            foreach (var remedy in answer.Remedies.Where(static remedy => EndsSomething(remedy.Command)))
                faults.Expect(false, "nothing is ended or removed: " + remedy.Command);
            return;
        }
        if (!faults.Expect(step is not null, "a first step with a command"))
            return;

        faults.Expect(asked.Lines.Any(line => line.Contains(step!.Command!, StringComparison.Ordinal)), $"the text shows '{step!.Command}' on one line");
        var user = row.User;
        if (row.Advice.AsRoot)
        {
            if (!faults.Expect(step!.Command!.StartsWith("sudo bindwise why", StringComparison.Ordinal), $"first 'sudo bindwise why …', not '{step.Command}'"))
                return;
            var seen = await machine.ShellAsync(step.Command, user, row.Pasted?.Invoke(machine));
            faults.Expect(seen.Error.Length == 0 && Pid().IsMatch(seen.Output), "root is told which process it is\n" + seen);
            (answer, user) = ((await Asked.JsonAsync(machine, row, 0))[0], 0);
            step = answer.Remedies.First(static remedy => remedy is { Command: not null, Language: null });
        }
        await FollowAsync(machine, row, answer, step!, ended, user, faults);
    }

    /// <summary>Whether a command ends processes or services, or removes files.</summary>
    public static bool EndsSomething(string? command) => Ends().IsMatch(command ?? "");

    /// <summary>Whether it had nothing to complain of: with its parent, a child may have gone before its own turn.</summary>
    public static bool Succeeded(Outcome done) => (done.ExitCode == 0 || done.Error.Length > 0)
        && done.Error.Split('\n').All(static line => line.Length == 0 || line.Contains("No such process", StringComparison.Ordinal));

    private static async Task FollowAsync(Machine machine, Situation row, Answer answer, AnswerRemedy step, string[] ended, int user, Faults faults)
    {
        var before = machine.Host.Processes.Commands();
        var done = await machine.ShellAsync(step.Command!, user);
        faults.Expect(Succeeded(done), "the first step succeeds\n" + done);
        try
        {
            await Patience.UntilAsync(() => Gone(machine, before) is var gone && ended.All(part => gone.Any(command => command.Contains(part, StringComparison.Ordinal))), "the end of " + string.Join(", ", ended));
            if (row.Advice.Leaves)
                faults.Expect(Seconds().IsMatch($"{step.Text} {step.Changes} {step.Risk}"), $"the step says how long the port stays taken after it: {step.Text}");
            else
                await FreeAsync(machine, row, answer, faults);
        }
        catch (Exception e) when (e is TimeoutException or Xunit.Sdk.XunitException)
        {
            faults.Expect(false, $"'{step.Command}' frees the port: {e.Message}");
        }
        var gone = Gone(machine, before);
        foreach (var command in gone.Where(command => !ended.Any(command.Contains)))
            faults.Expect(false, "this lives on: " + command);
        foreach (var part in ended)
            faults.Expect(gone.Any(command => command.Contains(part, StringComparison.Ordinal)), "this ends: " + part);
        if (row.Advice.Removed is { } file)
            faults.Expect(!File.Exists(Path.Combine(machine.Project, file)), "removed: " + file);
    }

    /// <summary>The port is free for a server, and says so itself.</summary>
    private static async Task FreeAsync(Machine machine, Situation row, Answer answer, Faults faults)
    {
        if (answer.Target is { Protocol: "tcp", Port: > 0 } && answer.Errno == "EADDRINUSE")
            await Reality.UntilFreeAsync(machine, answer.Target);
        var again = (await Asked.JsonAsync(machine, row, 0))[0];
        faults.Expect(again.Verdict == "free", $"free after the first step, not {again.Verdict}: {again.Summary}");
    }

    private static IReadOnlyList<string> Gone(Machine machine, IReadOnlyDictionary<int, string> before)
    {
        var now = machine.Host.Processes.Commands();
        return [.. before.Where(one => !now.ContainsKey(one.Key)).Select(static one => one.Value)];
    }

    [GeneratedRegex(@"\b(kill|pkill|killall|rm|stop|down|fuser|bindwise free)\b")]
    private static partial Regex Ends();

    [GeneratedRegex(@"\d+ s\b|\bseconds\b|\bminute")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"\bpid \d+")]
    private static partial Regex Pid();
}
