using Bindwise.Linux.Accounts;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Inspecting;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Secrets;

namespace Bindwise;

/// <summary>The sockets as the kernel lists them (sock_diag(7)).</summary>
[SupportedOSPlatform("linux")]
internal static class KernelTable
{
    private const int MostNamed = 8;

    public static SocketListing Read(SocketFilter filter, CancellationToken cancellationToken)
    {
        var wanted = new SocketPortFilter([.. filter.Ports], MaskOf(filter.States), filter.Maximum);
        var notes = new List<string>();
        var errno = SockDiagClient.TryOpen(out var client);
        if (client is null)
            throw new PortQueryException($"the socket table cannot be read: netlink sock_diag cannot be opened ({errno})");
        using (client)
        {
            foreach (var protocol in filter.Protocols.Distinct())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var outcome = client.ReadListing(protocol, wanted);
                if (outcome.Status == DumpStatus.Failed)
                    throw new PortQueryException($"the socket table cannot be read ({outcome})");
                if (!outcome.IsComplete)
                    notes.Add($"sockets may be missing: the table changed, or could not be read completely ({outcome})");
            }
        }
        cancellationToken.ThrowIfCancellationRequested();
        var owners = filter.WithOwners ? OwnersWithin(wanted.Sockets, filter.ShowSecrets, notes, cancellationToken) : null;
        return new SocketListing
        {
            Sockets = [.. wanted.Sockets.Select(
                socket => new ListedSocket { Socket = socket, Owners = owners?.OwnersOf(socket.Inode) ?? [] })],
            Omitted = wanted.Omitted,
            IsComplete = wanted.Omitted == 0 && notes.Count == 0,
            Notes = [.. notes],
        };
    }

    // Reads of processes that are stuck in the kernel never end: each is given up, and what was not read is told.
    private static OwnerIndex OwnersWithin(List<HeldSocket> sockets, bool showSecrets, List<string> notes,
        CancellationToken cancellationToken)
    {
        try
        {
            var (owners, told) = BoundedRun.Run(
                _ =>
                {
                    // The question may be asked again: only the notes of the run that ended count.
                    var own = new List<string>();
                    var found = OwnersOf(sockets, showSecrets, own);
                    own.AddRange(StuckNotes(BoundedRun.Current?.Refused ?? []));
                    return (found, own);
                },
                cancellationToken);
            notes.AddRange(told);
            return owners;
        }
        catch (InspectionException exception)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }

    private static IEnumerable<string> StuckNotes(ImmutableArray<ForeignTarget> refused)
    {
        var stuck = refused.Select(static target => target.ProcessId).Where(static id => id > 0).Distinct().Order().ToList();
        if (stuck.Count == 0)
            yield break;
        var named = string.Join(", ", stuck.Take(MostNamed)) + (stuck.Count > MostNamed ? "…" : "");
        yield return FormattableString.Invariant(
            $"processes that could not be looked at, stuck in the kernel: {stuck.Count} (pid {named}); owners may be missing");
    }

    private static OwnerIndex OwnersOf(List<HeldSocket> sockets, bool showSecrets, List<string> notes)
    {
        var found = OwnerSearch.Find(sockets.Select(static socket => socket.Inode).Where(static inode => inode != 0).ToHashSet());
        notes.AddRange(found.Notes);
        if (found.Hidden)
            notes.Add("/proc hides other users' processes (hidepid): owners may be missing");
        else if (found.Unreadable > 0)
            notes.Add(FormattableString.Invariant(
                $"this user may not read the descriptors of {found.Unreadable} processes: owners may be missing"));
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.Now,
            Sockets = [.. sockets],
            Holders = found.Holders,
            HoldersOmitted = found.Omitted,
            Processes = OwnersAhead.ReadProcesses(found, new UserNames().Find),
        };
        return new OwnerIndex(showSecrets ? snapshot : SecretMask.Of(snapshot));
    }

    private static uint MaskOf(ImmutableArray<TcpSocketState> states)
    {
        if (states.IsEmpty)
            return DiagRequests.AllStates;
        uint mask = 0;
        foreach (var state in states)
            mask |= DiagRequests.Mask(state);
        return mask;
    }
}
