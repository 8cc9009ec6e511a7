using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Freeing;

/// <summary>One line of `bindwise free --json`, as a program that reads it would see it.</summary>
internal sealed record FreeAnswer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };

    public required string Schema { get; init; }

    public required string Outcome { get; init; }

    public required string? Reason { get; init; }

    public required string? Explanation { get; init; }

    public required IReadOnlyList<FreeAnswerAction> Actions { get; init; }

    public required string After { get; init; }

    /// <summary>The run that gave it.</summary>
    [JsonIgnore]
    public Outcome Run { get; private init; } = new("", 0, [], "");

    /// <summary>The processes that got a signal, in order.</summary>
    [JsonIgnore]
    public IEnumerable<(int? Pid, string? Signal)> Sent => Actions.Where(static action => action.Result == "done" && action.Pid is not null).Select(static action => (action.Pid, action.Signal));

    /// <summary>Reads the one line of a run.</summary>
    public static FreeAnswer Of(Outcome run)
    {
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, run.ToString());
        var answer = JsonSerializer.Deserialize<FreeAnswer>(lines[0], Options)! with { Run = run };
        Assert.Equal("bindwise.free/1", answer.Schema);
        return answer;
    }

    /// <summary>Asserts how it ended.</summary>
    public FreeAnswer Is(string outcome, string? reason, string after, int exitCode)
    {
        Assert.True((outcome, reason, after, exitCode) == (Outcome, Reason, After, Run.ExitCode),
            $"expected {outcome}, {reason ?? "no reason"}, {after}, exit code {exitCode}; got {Outcome}, {Reason ?? "no reason"}, {After}\n{Run}");
        return this;
    }
}

internal sealed record FreeAnswerAction(string Kind, int? Pid, string? Signal, string? Unit, string? Container, string Text, string Result, string? Detail);

/// <summary>Runs the verb on a host.</summary>
internal static class FreeVerb
{
    // The five seconds that a program has by default are for who waits at a terminal: a busy machine may need them before it looks at the signal.
    private const string Grace = "--grace";
    private const string LongGrace = "3m";

    /// <summary>`bindwise free WORDS --json` as root.</summary>
    public static Task<FreeAnswer> FreeAsync(this TestHost host, string words) => FreeAsAsync(host, 0, words);

    /// <summary>The same as another user.</summary>
    public static async Task<FreeAnswer> FreeAsAsync(this TestHost host, int user, string words) =>
        FreeAnswer.Of(await host.RunAsAsync(user, null, [Programs.Bindwise, .. Patient(words), "--json"]).ConfigureAwait(false));

    /// <summary>The words of a command line that gives programs all the time that they need to end, unless the words say how long.</summary>
    public static string[] Patient(string words) =>
        words.Contains(Grace, StringComparison.Ordinal) ? ["free", .. words.Split(' ')] : ["free", Grace, LongGrace, .. words.Split(' ')];

    /// <summary>The same on a terminal, with answers typed at its questions.</summary>
    public static Task<Outcome> FreeInTerminalAsync(this TestHost host, string answers, string words, string before = "", int columns = 80, int user = 0) =>
        host.RunAsAsync(user, null, ["python3", "-B", "-S", Programs.Script("answer_in_terminal.py"), columns.ToString(CultureInfo.InvariantCulture), answers, before,
            Programs.Bindwise, .. Patient(words)]);

    /// <summary>The process runs on: it is no zombie, and was not ended.</summary>
    public static bool Lives(this TestHost host, int pid) => host.StateOf(pid) is not ('-' or 'Z' or 'X');
}
