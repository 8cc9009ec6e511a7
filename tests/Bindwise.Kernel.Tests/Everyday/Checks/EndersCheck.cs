using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>
/// Each command that ends or removes something, beyond the first step, is run as printed, in the same situation set up anew: the processes that it names
/// are gone then, or the file is.
/// </summary>
internal static partial class EndersCheck
{
    /// <summary>Checks a row.</summary>
    public static async Task RunAsync(Situation row)
    {
        var faults = new Faults();
        var printed = new Dictionary<int, List<AnswerRemedy>>();
        await using (var machine = await Machine.OpenAsync())
        {
            await row.SetUp(machine);
            foreach (var user in (int[])[0, TestHost.Nobody])
                printed[user] = Enders(await Asked.JsonAsync(machine, row, user));
        }
        foreach (var (user, enders) in printed)
        {
            for (var at = 0; at < enders.Count; at++)
            {
                // That one is AdviceCheck's.
                if (user != row.User || row.Advice.Ended is null || row.Advice.AsRoot || enders[at] != enders.Find(one => row.Advice.By is null || row.Advice.By == one.Id))
                    await RunAsync(row, user, at, enders[at].Id, faults);
            }
        }
        Assert.True(faults.None, $"{row.Name}\n{faults}");
    }

    private static async Task RunAsync(Situation row, int user, int at, string id, Faults faults)
    {
        await using var machine = await Machine.OpenAsync();
        await row.SetUp(machine);
        var enders = Enders(await Asked.JsonAsync(machine, row, user));
        if (!faults.Expect(at < enders.Count && enders[at].Id == id, $"{id} is printed again for user {user}"))
            return;
        var command = enders[at].Command!;
        var before = machine.Host.Processes.Commands();
        var done = await machine.ShellAsync(command, user);
        faults.Expect(AdviceCheck.Succeeded(done), $"it works for user {user} as printed: {command}\n{done}");
        try
        {
            await Patience.UntilAsync(() => IsDone(machine, before, command), "its effect");
        }
        catch (TimeoutException)
        {
            faults.Expect(false, $"it has its effect for user {user}: {command}\n{done}");
        }
    }

    private static bool IsDone(Machine machine, IReadOnlyDictionary<int, string> before, string command)
    {
        if (Removal().Match(command) is { Success: true } removal)
            return !File.Exists(removal.Groups[1].Value.Trim('\''));
        var now = machine.Host.Processes.Commands();
        var named = Number().Matches(command).Select(static one => int.Parse(one.Value, CultureInfo.InvariantCulture)).Where(before.ContainsKey).ToList();
        return named.Count > 0 ? !named.Exists(now.ContainsKey) : before.Keys.Any(process => !now.ContainsKey(process));
    }

    private static List<AnswerRemedy> Enders(IEnumerable<Answer> answers) =>
        [.. answers.SelectMany(static answer => answer.Remedies).Where(static remedy => remedy.Language is null && AdviceCheck.EndsSomething(remedy.Command)).DistinctBy(static remedy => remedy.Command)];

    [GeneratedRegex(@"\brm (?:-f )?(?:-- )?(\S+)")]
    private static partial Regex Removal();

    [GeneratedRegex(@"(?<=\s)\d+\b")]
    private static partial Regex Number();
}
