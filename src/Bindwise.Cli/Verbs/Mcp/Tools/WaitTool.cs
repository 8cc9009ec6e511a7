using Bindwise.Cli.Verbs.Wait;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Mcp.Tools;

/// <summary><c>wait</c> for agents: always with a timeout, and without connecting anywhere.</summary>
internal static class WaitTool
{
    private const string Description =
        "Waits until a port is free, until something listens on it, or until nothing does; for instance after a server was started, or "
            + "while TIME_WAIT runs out. "
        + "It ends at the timeout, which is no error: the answer says whether the state came. It changes nothing.";

    private const double MostSeconds = 600;

    /// <summary>Between two notices of where it stands.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private static readonly ChoiceParameter Until = new("until",
        "free: it can be bound. listening: something listens on it and takes connections. closed: nothing listens on it, though TIME_WAIT "
            + "may still keep the port.",
        [.. WaitOutcomes.Conditions.Select(static one => one.Name)]);

    private static readonly NumberParameter Timeout = new("timeout_seconds", "When to give up.", 0.1, MostSeconds, 60);

    public static AgentTool Tool { get; } = new("wait", "Wait for a port", Description, Call)
    {
        Parameters = [TargetParameter.Target, Until, Timeout, TargetParameter.Plain],
        ResultSchema = WaitJson.Schema,
        LooksUpNames = true,
        Waits = true,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var named = TargetParser.ParseAll(TargetParameter.Target.Read(arguments)!);
        if (named.Value is not { } targets)
            return ToolAnswer.Fault(named.Error!);
        var name = Until.Read(arguments);
        var until = Array.Find(WaitOutcomes.Conditions, one => one.Name == name).Condition;
        var timeout = TimeSpan.FromSeconds(Timeout.Read(arguments));
        var request = new WaitRequest
        {
            Queries = [.. targets.Targets.Select(
                target => new PortQuery { Target = target, Options = TargetParameter.Options(arguments) })],
            Until = until,
            Timeout = timeout,
        };
        var report = new PortWaiter(request, context.Progress is null ? null : Notices(context.Progress, until, timeout),
            context.Cancellation).Run();
        var answer = new ToolAnswer();
        foreach (var outcome in report.Targets.Select(target => WaitOutcomes.Of(target, until, report.Waited)))
        {
            answer.Say(Escaper.EscapeSentence(outcome.IsMet ? WaitText.Met(outcome) : WaitText.TimedOut(outcome, others: 0)));
            answer.Add(bytes => WaitJson.Write(bytes, outcome));
        }
        return answer;
    }

    private static Action<WaitProgress> Notices(Action<double, double, string> tell, WaitCondition until, TimeSpan timeout)
    {
        var next = TimeSpan.Zero;
        return progress =>
        {
            if (progress.Elapsed < next)
                return;
            next = progress.Elapsed + Pace;
            var open = progress.Targets.Where(static one => one.MetAfter is null).ToList();
            var first = WaitOutcomes.Of(open[0], until, progress.Elapsed);
            tell(progress.Elapsed.TotalSeconds, timeout.TotalSeconds, Escaper.EscapeSentence(WaitText.Sentence(first, open.Count - 1)));
        };
    }
}
