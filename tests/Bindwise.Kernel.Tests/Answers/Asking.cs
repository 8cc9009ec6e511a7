using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Answers;

/// <summary>Asks the program under test on a host.</summary>
internal static class Asking
{
    /// <summary>`bindwise why WORDS --json` as root: the answer to its one target, held against the kernel attempt by attempt.</summary>
    public static Task<Answer> WhyAsync(this TestHost host, string words) => WhyAsAsync(host, 0, words);

    /// <summary>The same as another user.</summary>
    public static async Task<Answer> WhyAsAsync(this TestHost host, int user, string words)
    {
        var outcome = await host.RunAsAsync(user, null, [Programs.Bindwise, "why", .. words.Split(' '), "--json"]).ConfigureAwait(false);
        var answer = OnlyAnswer(outcome);
        await Kernel.AgreesAsync(host, user, answer).ConfigureAwait(false);
        return answer;
    }

    /// <summary>`bindwise why -` with a pasted error on standard input.</summary>
    public static async Task<Answer> WhyPastedAsync(this TestHost host, string pasted, params string[] options) =>
        OnlyAnswer(await host.RunAsAsync(0, pasted, [Programs.Bindwise, "why", "-", .. options, "--json"]).ConfigureAwait(false));

    /// <summary>`bindwise why WORDS` for people.</summary>
    public static Task<Outcome> ReportAsync(this TestHost host, string words) =>
        host.RunAsync([Programs.Bindwise, "why", .. words.Split(' ')]);

    /// <summary>The answers of one run, one a target.</summary>
    public static IReadOnlyList<Answer> Answers(Outcome outcome) =>
        [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Answer.Read(line, outcome))];

    private static Answer OnlyAnswer(Outcome outcome)
    {
        var answers = Answers(outcome);
        Assert.True(answers.Count == 1, $"expected one answer, got {answers.Count}\n{outcome}");
        var expected = answers[0].Verdict switch { "free" => 0, "blocked" => 1, _ => 3 };
        Assert.True(outcome.ExitCode == expected, $"expected exit code {expected} for {answers[0].Verdict}\n{outcome}");
        return answers[0];
    }
}
