using System.Diagnostics;
using Bindwise.Linux.Notifying;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// The service manager that started this process (sd_notify(3)): is told READY, RELOADING and STOPPING for a program that does not tell it,
/// and keeps the sockets for the next run of this process. What the program tells itself goes through
/// here, since only this process is known there.
/// </summary>
internal sealed class ServiceNotification(SafeFileDescriptor manager, NotifySocket relay) : IDisposable
{
    private const string Variable = "NOTIFY_SOCKET";

    // For a program that says READY itself, later than it listens: after any word of it, it is waited for.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    // What says something about the program alone. This process stays the service's main one, its store is this process's own, and who else
    // may speak for the service is not the program's to say.
    private static readonly HashSet<string> Passed =
    [
        "READY", "RELOADING", "MONOTONIC_USEC", "STATUS", "ERRNO", "BUSERROR", "VARLINKERROR", "EXIT_STATUS", "WATCHDOG", "WATCHDOG_USEC",
        "EXTEND_TIMEOUT_USEC",
    ];

    // A service manager ends a line at either.
    private static readonly char[] LineEnds = ['\n', '\r'];

    private bool _isReady;
    private bool _isReloading;
    private bool _hasSpoken;
    private long? _readyAt;

    internal string Address => relay.Address;

    /// <summary>Can be read when the program said something; -1 while it is not to be waited for.</summary>
    internal int Number => relay.Number;

    /// <summary>How long until something is to be said, or heard again; null for nothing.</summary>
    internal TimeSpan? Due => new[] { UntilReady, relay.Due }.Min();

    private TimeSpan? UntilReady => _readyAt is { } at ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at) : null;

    /// <summary>The one that is named in the environment; null for none.</summary>
    internal static ServiceNotification? Open()
    {
        var named = Environment.GetEnvironmentVariable(Variable) ?? "";
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        var address = named switch
        {
            ['/', ..] => SocketAddress.WritePath(room, Encoding.UTF8.GetBytes(named)),
            ['@', .. var name] => SocketAddress.WriteAbstract(room, Encoding.UTF8.GetBytes(name)),
            _ => [],
        };
        if (address.IsEmpty)
            return null;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram, 0, out var manager);
        if (errno == Errno.None)
            errno = ConnectCall.Connect(manager, address);
        if (errno == Errno.None && NotifySocket.Open(out var relay) == Errno.None)
            return new ServiceNotification(manager, relay!);
        manager.Dispose();
        return null;
    }

    internal void Notify(ManagerWord word)
    {
        switch (word)
        {
            case ManagerWord.Ready when !_isReady && !_hasSpoken:
                _readyAt ??= Stopwatch.GetTimestamp() + (long)(Courtesy.TotalSeconds * Stopwatch.Frequency);
                break;
            case ManagerWord.Restarts:
                _isReloading |= _isReady;
                // By CLOCK_MONOTONIC, which is what a Stopwatch reads.
                if (_isReady)
                    Send(string.Create(CultureInfo.InvariantCulture,
                        $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}"));
                (_readyAt, _hasSpoken, _isReady) = (null, false, false);
                break;
            case ManagerWord.GoesOn when _isReloading:
                SendReady();
                break;
            case ManagerWord.Stops:
                _readyAt = null;
                Send("STOPPING=1");
                break;
        }
    }

    internal void Store(KeptSocket held) =>
        DescriptorMessage.Send(manager, Encoding.ASCII.GetBytes($"FDSTORE=1\nFDNAME={held.Name}"), [held.Copy.Number]);

    internal void Remove(KeptSocket held) => Send($"FDSTOREREMOVE=1\nFDNAME={held.Name}");

    /// <summary>Passes on what the program said, and says what is due.</summary>
    internal void Serve()
    {
        // Whoever may connect to an abstract name: only what could be the program counts.
        relay.Take(Environment.ProcessId, isOwnUserEnough: true).ForEach(Pass);
        if (UntilReady is { } due && due <= TimeSpan.Zero)
            SendReady();
    }

    public void Dispose()
    {
        manager.Dispose();
        relay.Dispose();
    }

    private void Pass(string message)
    {
        _hasSpoken = true;
        _readyAt = null;
        var lines = message.Split(LineEnds, StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => Passed.Contains(line.Split('=')[0])).ToList();
        if (lines.Contains("READY=1"))
            (_isReady, _isReloading) = (true, false);
        if (lines.Count > 0)
            Send(string.Join('\n', lines));
    }

    private void SendReady()
    {
        _readyAt = null;
        (_isReady, _isReloading) = (true, false);
        Send("READY=1");
    }

    private void Send(string message) => _ = SendCall.Send(manager, Encoding.UTF8.GetBytes(message), []);
}

/// <summary>
/// The sockets that a service manager passed to this process (LISTEN_FDS, sd_listen_fds(3)): of a socket unit, or of its store.
/// </summary>
internal static class PassedToSupervisor
{
    private const int First = 3;
    private const string NoName = "unknown";

    /// <summary>Which variables say so, for a program that they are not meant for.</summary>
    internal static readonly string[] Variables = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID"];

    /// <summary>Takes them; what cannot be kept stays open and unused.</summary>
    /// <returns>A sentence for each that is not used.</returns>
    internal static List<string> Take(KeptSockets sockets)
    {
        var unused = new List<string>();
        if (!int.TryParse(Environment.GetEnvironmentVariable("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var process) || process != Environment.ProcessId
            || !int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture,
                out var count))
            return unused;
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':') ?? [];
        var (beyond, unfit) = (0, new List<string>());
        for (var index = 0; index < count; index++)
        {
            if (CloseOnExecCall.Set(First + index, out _) != Errno.None)
            {
                // The number may be any: behind what can be kept the first that is not open ends it.
                if (index >= KeptSockets.Most)
                    break;
                continue;
            }
            var descriptor = new SafeFileDescriptor(First + index);
            var name = index < names.Length && names[index].Length > 0 ? names[index] : NoName;
            var socket = TrappedSocket.Of(descriptor) ?? TrappedSocket.OfUnix(descriptor);
            if ((socket is null ? null : KeyOf(socket)) is not { } key)
            {
                descriptor.SetHandleAsInvalid();
                unfit.Add(name);
                continue;
            }
            using (socket)
            {
                // Beyond those it is closed: where nobody accepts clients would wait, and the program could not bind the port itself.
                if (index >= KeptSockets.Most)
                    beyond++;
                else if (socket!.Keep(out var copy) is var errno and not Errno.None)
                    unused.Add($"the passed socket {name} is not used: it cannot be kept ({errno})");
                else
                    sockets.Add(copy, socket.Protocol, key with { User = null }, name);
            }
        }
        if (unfit.Count > 0)
            unused.Add((unfit.Count == 1 ? $"the passed socket {unfit[0]} is" : $"{unfit.Count} passed descriptors are")
                + " not used: --hold keeps sockets of TCP and UDP, and UNIX sockets that listen");
        if (beyond > 0)
            unused.Add($"{beyond} passed sockets are closed: --hold keeps {KeptSockets.Most} at most");
        return unused;
    }

    private static SocketKey? KeyOf(TrappedSocket socket) =>
        socket.Protocol != Protocol.Unix ? socket.Name is var (local, scope) ? SocketKey.Of(socket, local, scope) : null
        : socket is { IsListening: true, UnixName: { } name } ? SocketKey.Of(socket, name) : null;
}
