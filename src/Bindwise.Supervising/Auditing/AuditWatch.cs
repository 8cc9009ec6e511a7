using System.Diagnostics;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;
using Bindwise.Model.Auditing;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// Answers the calls that an audit's filter hands over, each as the kernel would, and notes them. bind() and listen() are done in the program's place where that is
/// exactly the same, so that their result is known; everything else is left to the kernel.
/// </summary>
/// <param name="listener">The filter's listener.</param>
/// <param name="isKillableOnly">No signal that the program handles ends a call that waits.</param>
[SupportedOSPlatform("linux")]
internal sealed class AuditWatch(SafeFileDescriptor listener, bool isKillableOnly)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ProgramRights _rights = new();
    private readonly CodeLocator _code = new();
    private readonly ProgramBook _programs = new();
    private readonly EventBook _events = new();
    private bool _hasExecuted;
    private bool _isHidden;

    /// <summary>What was noted.</summary>
    internal EventBook Events => _events;

    /// <summary>The listening sockets.</summary>
    internal ListenerBook Listeners { get; } = new();

    /// <summary>Since the program's start.</summary>
    internal TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>What could not be seen.</summary>
    internal IEnumerable<string> Unseen
    {
        get
        {
            if (_isHidden)
                yield return "the sockets of some of its processes cannot be copied (pidfd_getfd), as those of another user: they were not audited";
            if (!isKillableOnly)
                yield return "this kernel is older than Linux 5.19: whether bind() and listen() succeeded is only inferred";
        }
    }

    /// <summary>Takes and answers the call that waits.</summary>
    internal void ServeOne()
    {
        if (SeccompListener.Receive(listener, out var call) != Errno.None)
            return;
        try
        {
            if (!Serve(call))
                SeccompListener.Pass(listener, call.Id);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever fails here must not keep the program. A call that was answered is not answered twice (ENOENT).
            SeccompListener.Pass(listener, call.Id);
            _events.Fault(fault);
        }
    }

    // True: answered.
    private bool Serve(in SystemCallNotice call)
    {
        if (call.Number == SystemCallNumber.LandlockRestrictSelf)
        {
            _rights.Sandbox();
            return false;
        }
        if (!ThreadFile.IsOwn)
            return false;
        if (call.Number == SystemCallNumber.Execute || call.Number == SystemCallNumber.ExecuteAt)
        {
            Execute(call);
            return false;
        }
        if (call.Number == SystemCallNumber.Socket)
        {
            MakeSocket(call);
            return false;
        }
        using var socket = TrappedSocket.Take(listener, call, out var errno);
        _isHidden |= errno is Errno.EPERM or Errno.EACCES;
        if (call.Number == SystemCallNumber.Bind)
            return socket is null ? BindPath(call) : Bind(call, socket);
        if (socket is null)
            return false;
        if (call.Number == SystemCallNumber.Listen)
            return Listen(call, socket);
        SetOption(call, socket);
        return false;
    }

    private void MakeSocket(in SystemCallNotice call)
    {
        const int typeMask = 0xf;
        var (domain, type, number) = ((int)call.Argument0, (int)call.Argument1 & typeMask, (int)call.Argument2);
        Protocol? protocol = (domain, type, number) switch
        {
            (SocketCall.FamilyUnix, _, _) => Protocol.Unix,
            (_, SocketCall.TypeStream, 0 or 6 or SocketOptionCall.MultipathProtocol) => Protocol.Tcp,
            (_, SocketCall.TypeDatagram, 0 or 17) => Protocol.Udp,
            _ => null,
        };
        if (protocol is not null)
            _events.Await(About(call, AuditAct.Socket) with { Protocol = protocol, Family = FamilyOf(domain) });
    }

    private bool Bind(in SystemCallNotice call, TrappedSocket socket)
    {
        if (SupervisedAddress.Read(call, socket.Family) is not { } address || !SocketNameCall.TryRead(address, out var asked, out _))
            return false;
        var happened = About(call, AuditAct.Bind, socket) with { Asked = asked };
        if (!isKillableOnly || !_rights.MayBind(Thread(call), asked))
        {
            _events.Add(happened with { IsOutcomeKnown = false });
            return false;
        }
        var errno = socket.Bind(address);
        _events.Add(happened with { Local = socket.Local, Error = NameOf(errno) });
        SeccompListener.Answer(listener, call.Id, errno);
        return true;
    }

    // Whether it succeeds is not known, but that nothing was there before it is.
    private bool BindPath(in SystemCallNotice call)
    {
        if (SupervisedAddress.ReadPath(call) is { } path && PathLook.Resolve(Thread(call), path) is { } whole && !PathLook.Exists(whole))
            _events.Add(About(call, AuditAct.Bind) with { Protocol = Protocol.Unix, Path = whole });
        return false;
    }

    private bool Listen(in SystemCallNotice call, TrappedSocket socket)
    {
        var happened = About(call, AuditAct.Listen, socket) with { Backlog = unchecked((int)call.Argument1) };
        _events.Confirm(happened.Socket, socket.Local);
        if (socket.Protocol != Protocol.Tcp)
            return false;
        var isOurs = isKillableOnly && _rights.MayListen(Thread(call));
        var errno = isOurs ? socket.Listen(happened.Backlog.Value) : Errno.None;
        _events.Add(happened with { Local = socket.Local, Error = NameOf(errno), IsOutcomeKnown = isOurs || socket.Local is not null });
        if (errno == Errno.None && socket.Local is { } local)
            Listeners.Add(happened.Socket, local, FileStatusCall.Look(socket.Copy, out var status) == Errno.None ? status.Inode : 0, happened.Process);
        if (isOurs)
            SeccompListener.Answer(listener, call.Id, errno);
        return isOurs;
    }

    private void SetOption(in SystemCallNotice call, TrappedSocket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        int? number = unchecked((int)call.Argument4) >= sizeof(int) && ForeignMemory.Read(Thread(call), call.Argument3, value) == Errno.None ? BitConverter.ToInt32(value) : null;
        var name = ((int)call.Argument1, (int)call.Argument2) switch
        {
            (SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress) => "SO_REUSEADDR",
            (SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort) => "SO_REUSEPORT",
            (SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) => "IPV6_V6ONLY",
            (SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort) => "IP_BIND_ADDRESS_NO_PORT",
            (SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind) => "IP_FREEBIND",
            (SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent) => "IP_TRANSPARENT",
            _ => null,
        };
        var happened = About(call, AuditAct.Option, socket) with { Option = name, Value = number };
        // What is bound, and was never seen, was accepted or inherited: servers set options on each connection.
        if (name is null || (socket.Local is not null && !_events.Knows(happened.Socket)))
            return;
        _events.Confirm(happened.Socket, socket.Local);
        _events.Add(happened);
    }

    private void Execute(in SystemCallNotice call)
    {
        var thread = Thread(call);
        var process = ThreadFile.Leader(thread);
        if (ExecutedFile.Read(call, call.Number == SystemCallNumber.ExecuteAt ? call.Argument1 : call.Argument0) is { } file && PathLook.Resolve(thread, file) is { } whole && PathLook.IsFile(whole))
        {
            // The first is the program itself, found in PATH.
            if (_hasExecuted)
                _events.Add(About(call, AuditAct.Execute) with { File = whole, Inherits = Listeners.IsEmpty ? [] : InheritanceLook.Of(process, whole, call, Listeners) });
            _hasExecuted = true;
        }
        _programs.Forget(process);
        _code.Forget(process);
    }

    private AuditEvent About(in SystemCallNotice call, AuditAct act)
    {
        var thread = Thread(call);
        var process = ThreadFile.Leader(thread);
        var (name, language) = _programs.Of(process);
        return new AuditEvent
        {
            At = Now,
            Act = act,
            Process = process,
            Thread = thread,
            Program = name,
            Language = language,
            // Clients make a socket for each connection, and it is bind() that matters.
            Place = act == AuditAct.Socket ? null : _code.Find(process, thread, call.InstructionPointer),
        };
    }

    private AuditEvent About(in SystemCallNotice call, AuditAct act, TrappedSocket socket) => About(call, act) with
    {
        Socket = SocketOptionCall.Get(socket.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out ulong cookie) == Errno.None ? cookie : 0,
        Protocol = socket.Protocol,
        Family = FamilyOf(socket.Family),
        Local = socket.Local,
        Options = SocketLook.Options(socket.Copy, socket.Family),
    };

    private static IpFamily? FamilyOf(int domain) => domain switch
    {
        SocketCall.FamilyIPv4 => IpFamily.IPv4,
        SocketCall.FamilyIPv6 => IpFamily.IPv6,
        _ => null,
    };

    private static string? NameOf(Errno errno) => errno == Errno.None ? null : errno.ToString();

    private static int Thread(in SystemCallNotice call) => unchecked((int)call.Thread);
}
