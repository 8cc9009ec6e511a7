using Bindwise.Kernel.Tests.Staging;

namespace Bindwise.Kernel.Tests.Answers;

/// <summary>Asks the program under test on a stage.</summary>
internal static class Asking
{
    /// <summary>`bindwise why WORDS --json` as root: the answer to its one target, held against the kernel attempt by attempt.</summary>
    public static Task<Answer> WhyAsync(this Stage stage, string words) => WhyAsAsync(stage, 0, words);

    /// <summary>The same as another user.</summary>
    public static async Task<Answer> WhyAsAsync(this Stage stage, int user, string words)
    {
        var outcome = await stage.RunAsAsync(user, null, [Programs.Bindwise, "why", .. words.Split(' '), "--json"]).ConfigureAwait(false);
        var answer = OnlyAnswer(outcome);
        await Kernel.AgreesAsync(stage, user, answer).ConfigureAwait(false);
        return answer;
    }

    /// <summary>`bindwise why -` with a pasted error on standard input.</summary>
    public static async Task<Answer> WhyPastedAsync(this Stage stage, string pasted, params string[] options) =>
        OnlyAnswer(await stage.RunAsAsync(0, pasted, [Programs.Bindwise, "why", "-", .. options, "--json"]).ConfigureAwait(false));

    /// <summary>`bindwise why WORDS` for people.</summary>
    public static Task<Outcome> TellAsync(this Stage stage, string words) =>
        stage.RunAsync([Programs.Bindwise, "why", .. words.Split(' ')]);

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
