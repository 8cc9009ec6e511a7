using Bindwise.Linux;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// shutdown(2) of a kept listening socket would reset every connection that waits in it. In its place the program gets a socket that does
/// not listen, of which accept(2) fails with EINVAL as after a shutdown, and threads that wait in accept() already are woken by a
/// connection each.
/// </summary>
internal static class ListenerShutdown
{
    private const int MostThreads = 64;

    /// <returns>False where it was not done: the call is the kernel's.</returns>
    internal static bool Play(WaitingCall call, TrappedSocket socket, ProgramRights rights)
    {
        var isListening = call.Inspect(() => socket.IsListening);
        if (!isListening || rights.Of(call) is not { } own)
            return false;
        SafeFileDescriptor? deaf;
        int waiting;
        DescriptorState? state;
        List<EpollRegistration> registrations;
        using (call.By.Leave())
        {
            // Of the program's own user, in the listener's own namespace: another one could go where the program cannot.
            deaf = socket.OpenBeside(own);
            waiting = CountAccepting(call.Process, call.Descriptor);
            state = DescriptorState.Of(call);
            registrations = EpollRegistration.Of(call.Thread, call.Descriptor);
        }
        using (deaf)
        {
            if (deaf is null || state is not { } there || !call.TryConfirm(out var standing))
                return false;
            Errno errno;
            using (call.By.LeaveBounded())
                errno = standing.SetDescriptor(deaf, call.Descriptor, there.IsClosedOnExec);
            if (errno != Errno.None)
                return false;
            // What waits in epoll_wait() is woken as by shutdown(): not bound, this one reports EPOLLHUP. The old one would report clients.
            using (call.By.Leave())
                registrations.ForEach(one => one.Renew(call.Thread, call.Descriptor, socket.Handle, deaf));
        }
        // What wakes the program's threads comes after the answer.
        call.KeepOpen(socket);
        call.Answer(Errno.None);
        using (call.By.Leave())
        {
            for (; waiting > 0; waiting--)
                Wake(socket);
        }
        return true;
    }

    // The first of the fields of /proc/PID/task/TID/syscall: the call's number and its first argument.
    private static int CountAccepting(int process, int descriptor)
    {
        var (accept, accept4) = (Digits(SystemCallNumber.Accept), Digits(SystemCallNumber.Accept4));
        var wanted = string.Create(CultureInfo.InvariantCulture, $"0x{descriptor:x}");
        var count = 0;
        foreach (var thread in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"), MostThreads))
        {
            var words = Encoding.ASCII.GetString(ThreadFile.Read(thread, "syscall"u8)).Split(' ');
            if (words is [var number, var first, ..] && (number == accept || number == accept4) && first == wanted)
                count++;
        }
        return count;
    }

    private static string Digits(nint number) => number.ToString(CultureInfo.InvariantCulture);

    // One of another network namespace is not reached: its threads wait on until the program is ended.
    private static void Wake(TrappedSocket socket)
    {
        if (SocketCall.Open(socket.Family, socket.Type | SocketCall.NonBlocking, 0, out var client) != Errno.None)
            return;
        using (client)
        {
            if (socket.Protocol == Protocol.Unix)
            {
                Span<byte> name = stackalloc byte[SocketAddress.MaximumUnixBytes];
                if (SocketNameCall.Local(socket.Handle, name, out var length) == Errno.None)
                    _ = ConnectCall.Connect(client, name[..length]);
                return;
            }
            if (socket.Name is not var (local, scope))
                return;
            if (SocketOptionCall.Get(client, SocketOptionCall.LevelSocket, SocketOptionCall.NetworkCookie, out ulong network) != Errno.None
                || network != socket.Network)
                return;
            // One that is bound to an interface takes what comes in by that alone.
            socket.CopyDeviceTo(client);
            Span<byte> room = stackalloc byte[SocketAddressIPv6.SizeBytes];
            _ = ConnectCall.Connect(client, InternetAddress.Write(room, local, scope));
        }
    }
}

/// <summary>
/// Tells at once when a listening socket listens no longer: its state is shared by whoever has it, and then poll(2) says POLLHUP of it.
/// Connections that come wake nobody here, as no other event is asked for (epoll_ctl(2)).
/// </summary>
internal sealed class ListenWatch : IDisposable
{
    private readonly SafeFileDescriptor? _epoll;

    internal ListenWatch()
    {
        // Without a descriptor to spare it goes unnoticed, as it would without a supervisor.
        if (EpollCall.Open(out var epoll) == Errno.None)
            _epoll = epoll;
        else
            epoll.Dispose();
    }

    /// <summary>Is readable as long as one of them does not listen.</summary>
    internal int? Number => _epoll?.Number;

    internal void Add(SafeFileDescriptor listener)
    {
        if (_epoll is not null)
            _ = EpollCall.Add(_epoll, listener.Number, 0, 0);
    }

    /// <summary>Watches one no longer. Comes before it is closed: as long as the program has it, it would stay registered.</summary>
    internal void Remove(SafeFileDescriptor listener)
    {
        if (_epoll is not null)
            _ = EpollCall.Remove(_epoll, listener.Number);
    }

    public void Dispose() => _epoll?.Dispose();
}
