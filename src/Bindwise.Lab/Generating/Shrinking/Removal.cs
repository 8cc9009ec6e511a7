using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Shrinking;

/// <summary>Leaves steps out: runs of them (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input), then all of one socket.</summary>
internal static class Removal
{
    public static IEnumerable<ImmutableArray<Step>> Of(ImmutableArray<Step> steps)
    {
        for (var size = (steps.Length + 1) / 2; size >= 1; size = size == 1 ? 0 : (size + 1) / 2)
        {
            // From the end: what comes last matters least often.
            for (var end = steps.Length; end > 0; end -= size)
            {
                var start = Math.Max(0, end - size);
                yield return steps.RemoveRange(start, end - start);
            }
        }
        foreach (var name in steps.OfType<SocketStep>().Select(static step => step.Socket).Distinct())
            yield return steps.RemoveAll(step => step is SocketStep socket && socket.Socket == name);
        for (var first = 0; first < steps.Length; first++)
        {
            for (var second = first + 1; second < steps.Length; second++)
                yield return steps.RemoveAt(second).RemoveAt(first);
        }
    }
}
