using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Wait;

internal static class WaitOutcomes
{
    /// <summary>The states that can be waited for, by the names that people give them.</summary>
    public static (string Name, WaitCondition Condition)[] Conditions { get; } =
        [("free", WaitCondition.Free), ("listening", WaitCondition.Listening), ("closed", WaitCondition.Closed)];

    public static WaitOutcome Of(WaitTarget target, WaitCondition until, TimeSpan elapsed) =>
        new(target.Query.Target, target.Port, NameOf(until), IsMet: false, elapsed)
        {
            Diagnosis = target.Diagnosis,
            Listeners = target.Listeners
        };

    public static WaitOutcome Of(WaitedTarget target, WaitCondition until, TimeSpan elapsed) =>
        new(target.Target, target.Port, NameOf(until), target.IsMet, target.MetAfter ?? elapsed)
        {
            Diagnosis = target.Diagnosis,
            Listeners = target.Listeners
        };

    private static string NameOf(WaitCondition condition) => Array.Find(Conditions, one => one.Condition == condition).Name;
}
