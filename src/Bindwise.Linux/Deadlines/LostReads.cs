using System.Collections.Immutable;

namespace Bindwise.Linux.Deadlines;

/// <summary>
/// At what threads of this program are stuck right now. A thread in the kernel cannot be called back: as long as it waits nothing else is sent
/// after it, so that a program that asks again and again loses one thread for it, not one a question.
/// </summary>
internal static class LostReads
{
    private static readonly Lock Guard = new();
    private static readonly Dictionary<ForeignTarget, int> Threads = [];

    /// <summary>All targets at which a thread is stuck.</summary>
    internal static ImmutableHashSet<ForeignTarget> Current
    {
        get
        {
            lock (Guard)
                return [.. Threads.Keys];
        }
    }

    /// <summary>A thread was given up.</summary>
    internal static void Add(ForeignTarget target)
    {
        lock (Guard)
            Threads[target] = Threads.GetValueOrDefault(target) + 1;
    }

    /// <summary>It came back after all.</summary>
    internal static void Remove(ForeignTarget target)
    {
        lock (Guard)
        {
            if (Threads.GetValueOrDefault(target) is var left && left <= 1)
                Threads.Remove(target);
            else
                Threads[target] = left - 1;
        }
    }
}
