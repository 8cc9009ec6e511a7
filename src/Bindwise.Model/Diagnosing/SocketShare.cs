using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Model.Diagnosing;

/// <summary>One program's part of sockets that are counted together.</summary>
/// <param name="Owners">Who holds the first of them that was looked at, its maker first.</param>
/// <param name="IsCounted">False: it is inferred from a sample.</param>
internal sealed record SocketShare(ImmutableArray<Owner> Owners, int Count, bool IsCounted)
{
    /// <summary>Fewer of many tell nothing of the others.</summary>
    private const int FewestSamples = 32;

    public ProcessRecord Process => Owners[0].Process;

    /// <summary>The parts, the largest first; none where no holder is visible, or too few were looked at.</summary>
    /// <param name="samples">The inodes of some of the sockets, or of all.</param>
    /// <param name="held">How many sockets there are.</param>
    public static ImmutableArray<SocketShare> Of(ImmutableArray<ulong> samples, int held, OwnerIndex index)
    {
        var isCounted = samples.Length == held;
        if (!isCounted && samples.Length < FewestSamples)
            return [];
        // What is forked has several holders: its maker counts, or who is named first.
        return
        [
            .. samples.Select(index.OwnersOf).Where(static owners => !owners.IsEmpty).GroupBy(static owners => owners[0].Process.Id)
                .Select(one => new SocketShare(one.First(), (int)Math.Round((double)one.Count() * held / samples.Length), isCounted))
                .OrderByDescending(static one => one.Count).ThenBy(static one => one.Process.Id),
        ];
    }
}
