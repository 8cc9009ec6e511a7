using Bindwise.Model.Diagnosing;

namespace Bindwise.Model.Events;

/// <summary>
/// The diagnosis as an event carries it. Events wait in queues, and each is a line of bounded length, while the programs on a port decide
/// how many sockets and how long texts there are: what comes first in each list is kept, and of the rest as much as there is room for.
/// </summary>
internal static class EventDiagnosis
{
    /// <summary>The id of the remark that says what was left out.</summary>
    public const string Cut = "event-cut";

    /// <summary>So many entries of each list.</summary>
    internal const int MostOfEach = 16;

    /// <summary>So many characters in all; as JSON, each is six bytes at most.</summary>
    internal const int MostCharacters = 64 * 1024;

    /// <summary>The diagnosis, with a remark where something had to be left out.</summary>
    public static Diagnosis Of(Diagnosis whole)
    {
        ArgumentNullException.ThrowIfNull(whole);
        var room = new EventRoom(new ProcessAncestry(whole.Processes));
        var cut = whole with
        {
            Factors = room.Fit(whole.Factors, static _ => 0),
            Why = room.Fit(whole.Why, static sentence => sentence.Length),
            Warnings = room.Fit(whole.Warnings, static remark => remark.Text.Length),
            Limits = room.Fit(whole.Limits, static remark => remark.Text.Length),
            Remedies = room.Fit(whole.Remedies, static remedy =>
                EventRoom.LengthOf(remedy.Text, remedy.Command, remedy.Changes, remedy.Risk, remedy.Note)),
            Attempts = room.Fit(whole.Attempts, static _ => 0),
            Policies = room.Fit(whole.Policies, static policy => EventRoom.LengthOf(policy.Name, policy.Where, policy.Detail)),
            Tallies = room.Fit(whole.Tallies, static _ => 0),
            Disagreement = room.Fit(whole.Disagreement),
        };
        cut = cut with
        {
            Blockers = room.Fit(whole.Blockers, static blocker => EventRoom.LengthOf(blocker.Socket.Path), room.Fit),
            PortUse = whole.PortUse is { } use ? use with { Destinations = room.Fit(use.Destinations, static _ => 0, room.Fit) } : null,
            Elsewhere = room.Fit(whole.Elsewhere, static record => EventRoom.LengthOf(record.NetworkName, record.Socket.Path)
                + (record.Process is { } process ? EventRoom.LengthOf(process) : 0)),
        };
        var devices = cut.Blockers.Select(static blocker => blocker.Socket.DeviceIndex).ToHashSet();
        return cut with
        {
            Processes = room.ProcessesOf(cut),
            Interfaces = [.. whole.Interfaces.Where(one => devices.Contains(one.Index))],
            Limits = [.. cut.Limits, .. Remarks(whole.Blockers.Length, cut.Blockers.Length, room.LeftOut)],
        };
    }

    private static IEnumerable<Remark> Remarks(int sockets, int listed, int leftOut)
    {
        var others = leftOut - (sockets - listed);
        if (listed < sockets)
            yield return Remark.Of(Cut,
                $"{Wording.Number(sockets)} sockets are in the way; the first {Wording.Number(listed)} are listed.");
        if (others > 0)
            yield return Remark.Of(Cut, $"{Wording.Count(others, "more detail is", "more details are")} left out, as of holders: "
                + "an event has no room for more.");
    }
}

/// <summary>How much may still be kept.</summary>
/// <param name="ancestry">The parents of the processes.</param>
internal sealed class EventRoom(ProcessAncestry ancestry)
{
    // The names of an entry's fields, with what they have besides texts.
    private const int LengthOfEntry = 200;
    private const int LengthOfParent = 8;

    private int _left = EventDiagnosis.MostCharacters;

    /// <summary>How many entries found no room.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The first entries, as many as there is room for: one at least, since it says most.</summary>
    /// <param name="list">All entries.</param>
    /// <param name="length">The texts of one, in characters.</param>
    /// <param name="fit">Makes what an entry lists fit as well; null where it lists nothing.</param>
    public ImmutableArray<T> Fit<T>(ImmutableArray<T> list, Func<T, int> length, Func<T, T>? fit = null)
    {
        var kept = ImmutableArray.CreateBuilder<T>();
        while (kept.Count < Math.Min(list.Length, EventDiagnosis.MostOfEach) && (kept.Count == 0 || _left > 0))
        {
            var entry = list[kept.Count];
            _left -= LengthOfEntry + length(entry);
            kept.Add(fit is null ? entry : fit(entry));
        }
        LeftOut += list.Length - kept.Count;
        return kept.ToImmutable();
    }

    /// <summary>A text whole or not at all.</summary>
    public string? Fit(string? text)
    {
        if (text is null || text.Length > _left)
        {
            LeftOut += text is null ? 0 : 1;
            return null;
        }
        _left -= text.Length;
        return text;
    }

    /// <summary>A socket with its holders.</summary>
    public Blocker Fit(Blocker blocker) => blocker with
    {
        Owners = Fit(blocker.Owners),
        Peer = blocker.Peer is { } peer ? peer with { Owners = Fit(peer.Owners) } : null,
        Kernel = blocker.Kernel is { } kernel ? kernel with { Names = Fit(kernel.Names, static name => name.Length) } : null,
        Flights = [.. Fit(blocker.Flights, static _ => 0).Select(flight => flight with { Senders = Fit(flight.Senders, static _ => 0) })],
    };

    /// <summary>A destination with its holders.</summary>
    public DestinationUse Fit(DestinationUse use) => use with
    {
        Owners = Fit(use.Owners),
        Holders = Fit(use.Holders, static holder => LengthOf(holder.Process)),
    };

    /// <summary>The processes that are still there, and their parents, of which no more is told than who they are.</summary>
    public ImmutableArray<ProcessRecord> ProcessesOf(Diagnosis diagnosis)
    {
        var owners = diagnosis.Blockers.SelectMany(static blocker => blocker.Owners.Concat(blocker.Peer?.Owners ?? []))
            .Concat(diagnosis.PortUse?.Destinations.SelectMany(static use => use.Owners) ?? [])
            .Select(static owner => owner.Process).ToList();
        return [.. owners.Concat(owners.SelectMany(ancestry.Of).Select(static parent => parent with { Arguments = [] }))
            .DistinctBy(static process => process.Id)];
    }

    public static int LengthOf(params ReadOnlySpan<string?> texts)
    {
        var length = 0;
        foreach (var text in texts)
            length += text?.Length ?? 0;
        return length;
    }

    public static int LengthOf(ProcessRecord process) => process.Arguments.Sum(static argument => argument.Length + 1)
        + LengthOf(process.Executable, process.WorkingDirectory, process.Cgroup, process.Unit, process.Container, process.ProjectFolder,
            process.ProjectBranch);

    private ImmutableArray<Owner> Fit(ImmutableArray<Owner> owners) => Fit(owners, owner => LengthOf(owner.Process)
        + ancestry.Of(owner.Process).Sum(static parent => LengthOfParent + parent.Name.Length)
        + LengthOf(owner.StartedFrom?.Container?.Image, owner.StartedFrom?.Container?.Name, owner.StartedFrom?.Tool?.Command));
}
