using Bindwise.Linux.Censuses;
using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.Options;
using Bindwise.Model.Events;
using Bindwise.Model.Targets;

namespace Bindwise.Linux.Events;

/// <summary>
/// What a census does not ask of every socket, read for those of which an event tells: the holder's command line and cgroup, and the
/// socket's options.
/// </summary>
internal static class EventDetails
{
    /// <summary>So many events of one look have them; a host that starts hundreds of servers at once has the rest without.</summary>
    internal const int MostAtOnce = 64;

    /// <summary>The events with what can still be read; what ended with its socket, or holds up whoever looks, is left as it is.</summary>
    /// <param name="cancellation">Ends it at once: then all are left as they are.</param>
    internal static IEnumerable<PortEvent> Complete(
        ImmutableArray<PortEvent> happened, IReadOnlyList<FollowedSocket> sockets, CancellationToken cancellation)
    {
        if (happened.IsEmpty)
            return happened;
        try
        {
            return BoundedRun.Run(
                _ =>
                {
                    var processes = new ProcessFacts();
                    return happened.Take(MostAtOnce).Select(one => Complete(one, sockets, processes)).ToList();
                },
                cancellation).Concat(happened.Skip(MostAtOnce));
        }
        catch (Exception exception) when (exception is OperationCanceledException or InspectionException)
        {
            return happened;
        }
    }

    private static PortEvent Complete(PortEvent happened, IReadOnlyList<FollowedSocket> sockets, ProcessFacts processes)
    {
        if (happened.Program is null || processes.Find(happened.ProcessId, happened.Program) is not { } process)
            return happened;
        happened = happened with { Command = ProcessFacts.CommandOf(process), Cgroup = process.Cgroup };
        if (happened.Kind == PortEventKind.Closed)
            return happened;
        var found = sockets.FirstOrDefault(one => one.Holder?.ProcessId == happened.ProcessId
            && one.Socket.Protocol == happened.Protocol && CensusEvents.AddressOf(one.Socket) == happened.Address);
        if (found is null)
            return happened;
        var known = SocketOptionReader.Read(found.Socket, new Holder(found.Socket.Inode, happened.ProcessId, found.Descriptor),
            out var errno);
        return errno != Errno.None ? happened : happened with
        {
            Options = [.. new ProgramOptions
            {
                ReuseAddress = known.ReuseAddress == Fact.Yes,
                ReusePort = known.ReusePort == Fact.Yes,
                V6Only = known.V6Only == Fact.Yes,
            }.Names()],
        };
    }
}
