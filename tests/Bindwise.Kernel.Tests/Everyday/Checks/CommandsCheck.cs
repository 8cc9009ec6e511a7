using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>
/// Every command that the situation's answer prints, to root and to an ordinary user, is run as printed. What ends or removes something changes the
/// situation: <see cref="AdviceCheck"/> runs the first such step, and <see cref="EndersCheck"/> the others.
/// </summary>
internal static class CommandsCheck
{
    /// <summary>What waits until the port is free, changes the file of a program of this machine, or holds a name for the reader to fill in.</summary>
    private static readonly string[] NotRun = ["--follow", "setcap ", "NAME", "OTHER"];

    /// <summary>What asks something else on purpose.</summary>
    private static readonly string[] OtherQuestions = ["use-ipv4", "add-scope", "ask-there", "ask-as-user"];

    /// <summary>Checks a row.</summary>
    public static async Task RunAsync(Machine machine, Situation row, Asked asked, Faults faults)
    {
        foreach (var user in (int[])[0, TestHost.Nobody])
        {
            var answers = user == row.User ? asked.Answers : await Asked.JsonAsync(machine, row, user);
            foreach (var answer in answers)
                await AsksTheSameAsync(machine, answer, user, faults);
            foreach (var command in answers.SelectMany(static answer => answer.Remedies).Where(static remedy => remedy.Language is null).Select(static remedy => remedy.Command).OfType<string>().Distinct())
                await RunAsync(machine, command, user, faults);
        }
    }

    /// <summary>A command that asks again asks about the same binds.</summary>
    private static async Task AsksTheSameAsync(Machine machine, Answer answer, int user, Faults faults)
    {
        foreach (var remedy in answer.Remedies.Where(static remedy => remedy is { Command: { } command, Language: null } && command.Contains("bindwise why ", StringComparison.Ordinal)
            && !OtherQuestions.Contains(remedy.Id)))
        {
            var again = Asking.Answers(await machine.ShellAsync(remedy.Command!.Replace(" --follow", "", StringComparison.Ordinal) + " --no-probe --json", user)).Single();
            // It waits for what the free port is not free for: a socket without options.
            var expected = Binds(answer).Select(bind => remedy.Id == "wait" && answer.Verdict == "free" ? bind.Split(' ')[0] : bind);
            faults.Expect(expected.SequenceEqual(Binds(again)), $"{remedy.Command} asks about {string.Join(", ", expected)}, not {string.Join(", ", Binds(again))}");
        }
    }

    private static IEnumerable<string> Binds(Answer answer) => answer.Attempts.Where(static attempt => attempt.Asked)
        .Select(static attempt => string.Join(' ', [attempt.Address, .. attempt.Options.Where(static option => option != "IPV6_V6ONLY=0").Order(StringComparer.Ordinal)]));

    private static async Task RunAsync(Machine machine, string command, int user, Faults faults)
    {
        faults.Expect(user != 0 || !command.Contains("sudo", StringComparison.Ordinal), $"no sudo for root: {command}");
        if (AdviceCheck.EndsSomething(command) || NotRun.Any(word => command.Contains(word, StringComparison.Ordinal)))
            return;
        var done = await machine.ShellAsync(command, user);
        // Where the answer is that the port is taken, asking again gives that exit code.
        var isWell = done.ExitCode == 0 || (done.ExitCode is 1 or 3 && command.Contains("bindwise ", StringComparison.Ordinal));
        faults.Expect(isWell && done.Error.Length == 0, $"it works for user {user} as printed: {command}\n{done}");
    }
}
