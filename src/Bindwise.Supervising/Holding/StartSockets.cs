using Bindwise.Supervising.Auditing;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// What one start of a program has of the kept sockets. A TCP socket is kept once it listens: one that is bound and never listens may be a
/// client's. A port that the kernel chose is another one the next time, and is not kept, nor are UDP sockets that share their port.
/// </summary>
/// <param name="post">Tells when it listens, and when nobody is left who could.</param>
/// <param name="report">Says a sentence to people.</param>
internal sealed class StartSockets(KeptSockets sockets, ProgramStart start, Action<RestartEvent> post, Action<string> report)
    : ISocketKeeper
{
    private const int MostBound = 4096;
    private const int MostChecks = 20;
    private const int CheckMicroseconds = 10_000;

    // Those that were bound to a port or path of the program's choice, by their cookies, and in what order.
    private readonly Dictionary<ulong, SocketKey> _bound = [];
    private readonly Queue<ulong> _order = [];

    public bool TryGive(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope)
    {
        var (key, sharesPort) = KeyOf(call, socket, endpoint, scope);
        if (sockets.Find(key) is not { } held)
            return false;
        using var use = held.Use();
        // Workers that share a port have one queue.
        var isShared = socket.Protocol == Protocol.Tcp && held.SharesPort && sharesPort;
        return (isShared || IsFree(call, held)) && Give(call, socket, held);
    }

    public bool MakeRoom(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint)
    {
        var network = socket.Network;
        var hasRoom = sockets.Release(IsInTheWay);
        // A program that looks for a free port listens on all addresses first, closes that, and listens on the one that it wants.
        foreach (var one in sockets.All.Where(one => IsInTheWay(one) && one.IsTakenOnlyBy(start)).ToArray())
        {
            using var use = one.Use();
            if (IsOpen(call, one) || !sockets.All.Contains(one))
                continue;
            sockets.Drop(one);
            hasRoom = true;
        }
        return hasRoom;

        bool IsInTheWay(KeptSocket one) =>
            one.Protocol == socket.Protocol && one.Key.Endpoint.Port == endpoint.Port && one.Key.Network == network;
    }

    public void Bound(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope)
    {
        if (endpoint.Port == 0)
            return;
        var (key, sharesPort) = KeyOf(call, socket, endpoint, scope);
        if (socket.Protocol == Protocol.Tcp)
        {
            Remember(socket.Cookie, key);
            return;
        }
        var sharesAddress = call.Inspect(() => socket.Has(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress));
        if (sharesPort || sharesAddress == true)
            return;
        Keep(call, socket, key);
        ReportListening();
    }

    public bool TryGiveAt(WaitingCall call, TrappedSocket socket, string name, ThreadRights rights)
    {
        // One that is bound already is refused a second address.
        if (!socket.CanListen || _bound.ContainsKey(socket.Cookie) || sockets.Find(socket.Cookie) is not null)
            return false;
        var key = call.Inspect(() => SocketKey.Of(socket, name));
        Remember(socket.Cookie, key);
        if (sockets.Find(key) is not { } held)
            return false;
        using var use = held.Use();
        // An abstract name is the kept one's as long as it is kept.
        var isThere = !key.IsPath;
        if (!isThere)
            isThere = call.Inspect(() => TrappedSocket.IsAt(held.Copy, name, rights));
        return isThere && IsFree(call, held) && Give(call, socket, held);
    }

    public void ListenAt(WaitingCall call, ThreadRights rights)
    {
        using var socket = TrappedSocket.TakeUnix(call);
        if (socket is not { CanListen: true })
            return;
        if ((sockets.Find(socket.Cookie) ?? KeepAt(call, socket, rights)) is { } kept)
            sockets.Listens(kept, call.Number(1));
        // Before its ports it may be a helper that listens.
        if (sockets.AllPortsTakenBy(start))
            ReportListening();
    }

    // One that is to listen for the first time. Null where it is not kept.
    private KeptSocket? KeepAt(WaitingCall call, TrappedSocket socket, ThreadRights rights)
    {
        if (!_bound.TryGetValue(socket.Cookie, out var key) || key.Name is not { } name)
            return null;
        if (!call.Inspect(() => (key.IsPath ? socket.IsAt(name, rights) : socket.IsNamed(name)) && !IsOfProcess(name, call.Process)))
            return null;
        // The program has removed the kept one's file, or its bind() would have got that one.
        if (sockets.Find(key) is { } old)
        {
            using var use = old.Use();
            if (old.File is { } file && IsFree(call, old) && call.IsStanding
                && file.TryReplace(socket, rights, () => Give(call, socket, old)))
                return old;
            sockets.Drop(old);
        }
        var held = Keep(call, socket, key);
        if (held is not null && key.IsPath)
            held.File = call.Inspect(() => SocketFileLink.Make(held.Copy, name, rights));
        return held;
    }

    // With the process's number in its name it is another one the next time, as a port that the kernel chooses:
    // the .NET runtime makes such a one in each process.
    private static bool IsOfProcess(string name, int process) =>
        name.Split('/', '-', '.', '_').Contains(process.ToString(CultureInfo.InvariantCulture));

    public Errno? Listen(WaitingCall call, TrappedSocket socket, int backlog, ThreadRights rights)
    {
        var cookie = socket.Cookie;
        var key = default(SocketKey);
        var isBound = sockets.Find(cookie) is null && _bound.TryGetValue(cookie, out key);
        // Of workers that share a port the first that listens is kept. One that was bound before that,
        // and has no connections yet, gets it as well.
        if (isBound && call.Inspect(() => socket.SharesPort) && sockets.Find(key) is { SharesPort: true } held)
        {
            using var use = held.Use();
            if (Give(call, socket, held))
            {
                var shared = ListenOn(call, held, backlog);
                if (shared == Errno.None)
                {
                    ReportListening();
                    sockets.Listens(held, backlog);
                }
                return shared;
            }
        }
        if (socket.ListenInPlace(call, backlog, rights) is not { } errno)
            return null;
        if (errno != Errno.None)
            return errno;
        if (isBound && sockets.Find(key) is null)
            Keep(call, socket, key);
        if (sockets.Find(cookie) is { } kept)
            sockets.Listens(kept, backlog);
        if (!sockets.AreDisconnected)
        {
            using (call.By.Leave())
                isBound = DisconnectingProgram.HasThreadsOf(call.Process);
            sockets.AreDisconnected |= isBound;
        }
        // Last: from here on the one before it may be told to stop.
        ReportListening();
        return errno;
    }

    public bool Shutdown(WaitingCall call, ProgramRights rights)
    {
        using var socket = TrappedSocket.Take(call, out var errno) ?? (errno == Errno.EAFNOSUPPORT ? TrappedSocket.TakeUnix(call) : null);
        if (socket is null || sockets.Find(socket.Cookie) is not { } held)
            return false;
        // What another start serves on by it goes on.
        if (held.Protocol == Protocol.Tcp || (held.Protocol == Protocol.Unix && !held.IsTakenOnlyBy(start)))
            return ListenerShutdown.Play(call, socket, rights);
        // For good, as a socket of UDP stays shut, and one of UNIX.
        sockets.Drop(held);
        return false;
    }

    public bool Connect(WaitingCall call, ProgramRights rights)
    {
        // The family comes first in every address: whoever connects to one of IP pays for two bytes.
        Span<byte> family = stackalloc byte[sizeof(ushort)];
        return call.Read(call.Argument(1), family) == Errno.None && BitConverter.ToUInt16(family) switch
        {
            SocketCall.FamilyUnspecified => Disconnect(call, rights),
            SocketCall.FamilyUnix => RefuseProbe(call, rights),
            _ => false,
        };
    }

    // Servers such as php-fpm connect to a file before they bind its path, and end where somebody answers. The kept socket would, although
    // no server of this start is there yet: the answer is the one that the file of an ended server gives. It is never waited for a
    // connection here. The program may change the address after it was read: what goes on to the kernel is the program's own call with its
    // own rights, whatever it names by then, and what is refused has done nothing.
    private bool RefuseProbe(WaitingCall call, ProgramRights rights)
    {
        if (SupervisedAddress.ReadUnix(call, out var isPath) is not { } name || !isPath)
            return false;
        foreach (var held in sockets.All.Where(one => one.Key.IsPath && Path.GetFileName(one.Key.Name) == Path.GetFileName(name)).ToArray())
        {
            // While the gate was left for the one before it may have been dropped.
            if (!sockets.All.Contains(held))
                continue;
            using var use = held.Use();
            // Where the file may not be written to, the kernel does not look who is behind it.
            if (!IsFree(call, held) || rights.Of(call) is not { } own
                || !call.Inspect(() => ProcessPaths.Resolve(call.Thread, name) is { } path && TrappedSocket.IsAt(held.Copy, path, own)
                    && own.TryWork(() => FileStatusCall.Access(Terminated.Of(path), FileStatusCall.Write)) == Errno.None))
                continue;
            using var socket = TrappedSocket.TakeUnix(call);
            if (socket is null)
                return false;
            call.Answer(Errno.ECONNREFUSED);
            return true;
        }
        return false;
    }

    private bool Disconnect(WaitingCall call, ProgramRights rights)
    {
        using var socket = TrappedSocket.Take(call, out _);
        return socket is { Protocol: Protocol.Tcp } && sockets.Find(socket.Cookie) is not null
            && ListenerShutdown.Play(call, socket, rights);
    }

    public void End() => post(new RestartEvent.FellSilent(start.Id));

    private void ReportListening() => post(new RestartEvent.Listened(start.Id));

    private static (SocketKey Key, bool SharesPort) KeyOf(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope) =>
        call.Inspect(() => (SocketKey.Of(socket, endpoint, scope), socket.SharesPort));

    // What a start has open it does not get twice, as it would not without a supervisor.
    private bool IsFree(WaitingCall call, KeptSocket held) => !held.IsTakenBy(start) || !IsOpen(call, held);

    private bool IsOpen(WaitingCall call, KeptSocket held) => call.Inspect(held.CheckIn(start));

    private static Errno? ListenOn(WaitingCall call, KeptSocket held, int backlog) =>
        call.IsStanding ? call.Inspect(() => ListenCall.Listen(held.Copy, backlog)) : null;

    private KeptSocket? Keep(WaitingCall call, TrappedSocket socket, SocketKey key)
    {
        var process = call.Inspect(() => call.Process);
        var held = call.IsStanding && socket.Keep(out var copy) == Errno.None ? sockets.Add(copy, socket.Protocol, key) : null;
        held?.Take(start, process, call.Descriptor);
        return held;
    }

    private void Remember(ulong cookie, SocketKey key)
    {
        if (_bound.TryAdd(cookie, key))
            _order.Enqueue(cookie);
        while (_order.Count > MostBound)
            _bound.Remove(_order.Dequeue());
    }

    private bool Give(WaitingCall call, TrappedSocket socket, KeptSocket held)
    {
        int process;
        DescriptorState? state;
        List<SocketDuplicate> duplicates;
        List<EpollRegistration> registrations;
        if (FindOther(call, socket) is not 0 and var other)
        {
            report(string.Create(CultureInfo.InvariantCulture,
                $"{held.Key.Name ?? held.Key.Endpoint.ToString()} does not go on to the new start: process {other} has the program's own "
                    + $"socket too, from a fork() before bind()"));
            return false;
        }
        using (call.By.Leave())
        {
            process = call.Process;
            state = DescriptorState.Of(call);
            registrations = EpollRegistration.Of(call.Thread, call.Descriptor);
            duplicates = SocketDuplicate.Of(call, socket.Inode);
        }
        // Whoever has the file shares the flag: an event loop that found it cleared would wait in accept() for the next client.
        var isLeft = false;
        if (state is { IsNonBlocking: false })
            isLeft = call.Inspect(held.CheckBeside(process, call.Descriptor));
        if (state is not { } there || !call.TryConfirm(out var standing))
            return false;
        Errno errno;
        using (call.By.Leave())
        {
            SocketOptionsCopy.Copy(socket, held.Copy);
            errno = isLeft ? Errno.None : FileFlagsCall.SetNonBlocking(held.Copy, there.IsNonBlocking);
            if (errno == Errno.None)
                errno = held.Disconnect();
        }
        if (errno != Errno.None)
            return false;
        // The program's thread does it, which may have to wait for a processor.
        using (call.By.LeaveBounded())
            errno = standing.SetDescriptor(held.Copy, call.Descriptor, there.IsClosedOnExec);
        if (errno != Errno.None)
            return false;
        foreach (var one in duplicates)
        {
            using (call.By.LeaveBounded())
                _ = standing.SetDescriptor(held.Copy, one.Descriptor, one.IsClosedOnExec);
        }
        using (call.By.Leave())
        {
            registrations.ForEach(one => one.Renew(call.Thread, call.Descriptor, socket.Handle, held.Copy));
            duplicates.ForEach(one => one.Registrations.ForEach(
                registration => registration.Renew(call.Thread, one.Descriptor, socket.Handle, held.Copy)));
        }
        held.Take(start, process, call.Descriptor);
        if (held.Protocol == Protocol.Udp)
            ReportListening();
        // As ListenAt() does of UNIX sockets.
        else if (held.IsListening && (held.Protocol == Protocol.Tcp || sockets.AllPortsTakenBy(start)))
            post(new RestartEvent.GotListener(start.Id));
        return true;
    }

    // Another process that has the program's socket, whose descriptors cannot be replaced; 0 for none. One that is about to execute
    // another program has all of its parent's for a moment.
    private static int FindOther(WaitingCall call, TrappedSocket socket)
    {
        for (var checks = 1; ; checks++)
        {
            using (call.By.Leave())
            {
                var (process, inode) = (call.Process, socket.Inode);
                var other = Descendants.Of(Environment.ProcessId).Find(one => one != process && Descendants.HasSocket(one, inode));
                if (other == 0 || checks == MostChecks)
                    return other;
                _ = PidFdGetFd.OpenProcess(other, 0, out var handle);
                using (handle)
                    _ = PollCall.WaitUntilReadable(handle, CheckMicroseconds);
            }
        }
    }
}

/// <summary>Another descriptor of the socket that a thread binds, as by dup(2): a kept socket takes the place of all of them.</summary>
internal readonly record struct SocketDuplicate(int Descriptor, bool IsClosedOnExec, List<EpollRegistration> Registrations)
{
    internal static List<SocketDuplicate> Of(WaitingCall call, ulong inode) =>
        [.. InheritedSockets.Sockets(call.Thread).Where(one => one.Inode == inode && one.Descriptor != call.Descriptor)
            .Select(one => new SocketDuplicate(one.Descriptor, InheritedSockets.IsClosedOnExec(call.Thread, one.Descriptor),
                EpollRegistration.Of(call.Thread, one.Descriptor)))];
}

/// <summary>How a descriptor of a thread stands there (proc_pid_fdinfo(5)).</summary>
/// <param name="IsNonBlocking">O_NONBLOCK, which whoever has the file shares.</param>
internal readonly record struct DescriptorState(bool IsNonBlocking, bool IsClosedOnExec)
{
    /// <summary>That of a call's descriptor; null where it is not told.</summary>
    internal static DescriptorState? Of(WaitingCall call)
    {
        var info = ThreadFile.Read(call.Thread,
            System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"fdinfo/{call.Descriptor}")));
        return DescriptorInfo.Flags(info) is { } flags
            ? new((flags & FileFlagsCall.NonBlocking) != 0, DescriptorInfo.CloseOnExec(info) == true) : null;
    }
}
