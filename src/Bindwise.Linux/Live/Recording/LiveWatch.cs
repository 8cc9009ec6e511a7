using Bindwise.Linux.Native;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Live.Recording;

/// <summary>What a live host keeps beside its sockets, where a scenario asks of more than its system calls: names, table, segments, records.</summary>
internal sealed class LiveWatch : IDisposable
{
    private readonly LiveTable _table;
    private readonly SegmentTap? _segments;

    private LiveWatch(LiveTable table, SegmentTap? segments)
    {
        _table = table;
        _segments = segments;
    }

    /// <summary>The sockets' names.</summary>
    internal LiveNames Names { get; } = new();

    /// <summary>Notes down what happens; null where nobody asked.</summary>
    internal LiveRecorder? Recorder { get; private set; }

    /// <summary>Opens one in the calling thread's network namespace.</summary>
    /// <param name="place">The namespace.</param>
    /// <param name="needs">What the scenario asks for.</param>
    /// <param name="records">Events and tables are asked for.</param>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static LiveWatch Open(LiveNamespace place, SegmentNeeds needs, bool records)
    {
        var meddles = needs.Holds || needs.Repeats;
        var table = LiveTable.Open();
        SegmentTap? segments = null;
        try
        {
            segments = records || meddles ? SegmentTap.Open(keepsPackets: meddles) : null;
            var watch = new LiveWatch(table, segments);
            if (records)
                watch.Recorder = LiveRecorder.Open(watch.Names, place, segments!, table);
            return watch;
        }
        catch (LiveUnavailableException)
        {
            segments?.Dispose();
            table.Dispose();
            throw;
        }
    }

    /// <summary>The answer to <see cref="StateStep"/>.</summary>
    /// <param name="name">The socket's name.</param>
    /// <param name="open">The socket, where it is open; else null.</param>
    internal StepResult StateOf(string name, SafeFileDescriptor? open)
    {
        if (Names.CookieOf(name) is not { } cookie)
            return LiveResult.NoSocket;
        HeldSocket? found = null;
        foreach (var socket in _table.Read())
        {
            // A socket comes before the entry that its connection left, and that before the port that it still holds.
            if (socket.Cookie == cookie && (found is null || Rank(socket) < Rank(found)))
                found = socket;
        }
        if (found is not null)
            return new StepResult(TcpStateNames.Of(found.State, found.Protocol));
        // Before Linux 6.8 the table does not show what is only bound.
        return open is not null && !ShowsBound && SocketNameCall.Local(open, out var local, out _) == Errno.None && local.Port != 0
            ? new StepResult(TcpStateNames.Of(TcpState.Bound, Protocol.Tcp))
            : new StepResult(StepResult.Closed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Recorder?.Dispose();
        _segments?.Dispose();
        _table.Dispose();
    }

    private static bool ShowsBound => KernelRelease.ShowsBoundSockets(KernelRelease.Read());

    private static int Rank(HeldSocket socket) => socket.State is TcpState.Bound or TcpState.Close ? 2 : LiveTable.IsEntry(socket) ? 1 : 0;
}
