using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using static System.FormattableString;

namespace Bindwise.Rendering.Processes;

/// <summary>By what a process holds a socket, as a word of the JSON form and of snapshot files, and as a phrase of the text.</summary>
internal static class HoldingWays
{
    /// <summary>The words.</summary>
    public static ImmutableArray<(HoldingWay Way, string Name)> Names { get; } =
    [
        (HoldingWay.Descriptor, "descriptor"),
        (HoldingWay.ThreadTable, "thread-table"),
        (HoldingWay.IoUring, "io-uring"),
        (HoldingWay.Mapping, "mapping"),
        (HoldingWay.InFlight, "in-flight"),
    ];

    /// <summary>The word.</summary>
    public static string Name(HoldingWay way) => Names.First(pair => pair.Way == way).Name;

    /// <summary>What is out of the ordinary about how an owner holds it; none for a plain descriptor.</summary>
    public static IEnumerable<string> Describe(Owner owner)
    {
        var isAlone = owner.Ways.Length == 1;
        foreach (var way in owner.Ways)
        {
            switch (way)
            {
                case HoldingWay.ThreadTable when ProcessStates.IsZombie(owner.Process):
                    yield return Invariant($"seen in its thread {owner.ThreadId}");
                    break;
                case HoldingWay.ThreadTable:
                    yield return Invariant($"in the table of its thread {owner.ThreadId} alone");
                    break;
                case HoldingWay.IoUring:
                    yield return "by a file registered with io_uring" + (isAlone ? ", its descriptor is closed" : "");
                    break;
                case HoldingWay.Mapping:
                    yield return "by a memory mapping" + (isAlone ? ", its descriptor is closed" : "");
                    break;
                case HoldingWay.InFlight:
                    yield return "waits in its UNIX socket to be received";
                    break;
                default:
                    break;
            }
        }
    }
}
