using System.Diagnostics;
using Bindwise.Linux.Proc;
using Bindwise.Model.Auditing;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// Answers the calls that an audit's filter hands over, and notes them. bind() and listen() are done in the program's place with the
/// program's rights, so that their result is known; where that cannot be, and everything else, is left to the kernel.
/// </summary>
/// <param name="isKillableOnly">No signal that the program handles ends a call that waits.</param>
/// <param name="wake">Is set when the last thread of the program has ended.</param>
internal sealed class AuditWatch(bool isKillableOnly, WakeSignal wake) : ICallHandler
{
    /// <summary>Longer than a search takes from one bind() to the next (PortChecks).</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ProgramRights _rights = new();
    private readonly EventBook _events = new();
    private readonly PortBook _ports = new();

    // Of the thread that answers: one that was given up may still write into its own.
    private CodeLocator _code = new();
    private ProgramBook _programs = new();
    private bool _hasExecuted;
    private bool _isHidden;
    private bool _wasHeldUp;

    internal EventBook Events => _events;

    internal ListenerBook Listeners { get; } = new();

    internal TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>The last thread of the program has ended.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>What comes before a call is looked at.</summary>
    internal Action BeforeCall { get; set; } = static () => { };

    /// <summary>What comes before a TCP port is bound again soon: it takes all sockets that are gone, late as the kernel tells.</summary>
    internal Action BeforeRebind { get; set; } = static () => { };

    public int Patience => -1;

    internal IEnumerable<string> Unseen
    {
        get
        {
            if (_isHidden)
                yield return "the sockets of some of its processes cannot be copied (pidfd_getfd), as those of another user: they were not "
                    + "audited";
            if (!isKillableOnly)
                yield return "this kernel is older than Linux 5.19: whether bind() and listen() succeeded is only inferred";
            if (_wasHeldUp)
                yield return "some calls were not audited: the memory or the files that they name did not answer";
        }
    }

    public void Answer(WaitingCall call)
    {
        BeforeCall();
        try
        {
            if (!TryAnswer(call))
                call.Pass();
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or LostThreadException))
        {
            // Whatever fails here must not keep the program. A call that was answered is not answered twice (ENOENT).
            call.Pass();
            _events.Fault(fault);
        }
    }

    public void Continue(CallThread thread)
    {
    }

    public void AnswerUnseen(WaitingCall call)
    {
        if (call.Kind == CallKind.Restrict)
            _rights.Sandbox();
        call.Pass();
        (_code, _programs, _wasHeldUp) = (new CodeLocator(), new ProgramBook(), true);
    }

    public void End()
    {
        IsOver = true;
        wake.Set();
    }

    // True: answered.
    private bool TryAnswer(WaitingCall call)
    {
        if (call.Kind == CallKind.Restrict)
        {
            _rights.Sandbox();
            return false;
        }
        if (!ProcMountReader.IsOwn || !call.Resolve() || (call.Kind is CallKind.Bind or CallKind.Listen && OwnProbe.Makes(call)))
            return false;
        if (call.Kind is CallKind.Execute or CallKind.ExecuteAt)
        {
            Execute(call);
            return false;
        }
        if (call.Kind == CallKind.Socket)
        {
            MakeSocket(call);
            return false;
        }
        using var socket = TrappedSocket.Take(call, out var errno);
        _isHidden |= errno is Errno.EPERM or Errno.EACCES;
        if (call.Kind == CallKind.Bind)
            return socket is null ? BindPath(call) : Bind(call, socket);
        if (socket is null)
            return false;
        if (call.Kind == CallKind.Listen)
            return Listen(call, socket);
        SetOption(call, socket);
        return false;
    }

    private void MakeSocket(WaitingCall call)
    {
        const int typeMask = 0xf;
        var (domain, type, number) = (call.Number(0), call.Number(1) & typeMask, call.Number(2));
        Protocol? protocol = (domain, type, number) switch
        {
            (SocketCall.FamilyUnix, _, _) => Protocol.Unix,
            (_, SocketCall.TypeStream, 0 or 6 or SocketOptionCall.MultipathProtocol) => Protocol.Tcp,
            (_, SocketCall.TypeDatagram, 0 or 17) => Protocol.Udp,
            _ => null,
        };
        if (protocol is not null && About(call, AuditAct.Socket) is { } happened)
            _events.Await(happened with { Protocol = protocol, Family = FamilyOf(domain) });
    }

    private bool Bind(WaitingCall call, TrappedSocket socket)
    {
        if (SupervisedAddress.Read(call, socket.Family, out _) is not { } address)
            return false;
        // Whether the one before served anybody tells a server that starts anew from a search for a free port.
        if (socket.Protocol == Protocol.Tcp && address.Asked.Port != 0
            && _ports.On(address.Asked.Port, 0).Any(one => Now - one.At < Soon))
            BeforeRebind();
        if (About(call, AuditAct.Bind, socket) is not { } happened)
            return false;
        happened = happened with { Asked = address.Asked, OpenOnPort = OpenOnPort(call, address.Asked.Port, happened.Socket) };
        if (!isKillableOnly || _rights.Of(call) is not { } rights || socket.BindInPlace(call, address.Bytes, rights) is not { } errno)
        {
            _events.Add(happened with { IsOutcomeKnown = false });
            return false;
        }
        var local = LocalOf(call, socket);
        _events.Add(happened with { Local = local, Error = NameOf(errno) });
        _ports.Add(local, happened.Socket, socket.Inode, happened.At);
        call.Answer(errno);
        return true;
    }

    private ImmutableArray<ulong> OpenOnPort(WaitingCall call, ushort port, ulong socket)
    {
        if (_ports.On(port, socket) is not { Length: > 0 } others)
            return [];
        var open = call.Inspect(static () =>
            Descendants.Of(Environment.ProcessId).SelectMany(InheritedSockets.Sockets).Select(static one => one.Inode).ToHashSet());
        return [.. others.Where(one => open.Contains(one.Inode)).Select(static one => one.Cookie)];
    }

    // Whether it succeeds is not known, but that nothing was there before it is.
    private bool BindPath(WaitingCall call)
    {
        if (SupervisedAddress.ReadUnix(call, out var isPath) is not { } path || !isPath)
            return false;
        var whole = call.Inspect(() => ProcessPaths.Resolve(call.Thread, path) is { } found && !ProcessPaths.Exists(found) ? found : null);
        if (whole is not null && About(call, AuditAct.Bind) is { } happened)
            _events.Add(happened with { Protocol = Protocol.Unix, Path = whole });
        return false;
    }

    private bool Listen(WaitingCall call, TrappedSocket socket)
    {
        if (About(call, AuditAct.Listen, socket) is not { } happened)
            return false;
        happened = happened with { Backlog = call.Number(1) };
        _events.Confirm(happened.Socket, happened.Local);
        if (socket.Protocol != Protocol.Tcp)
            return false;
        var known = isKillableOnly && _rights.Of(call) is { } rights ? socket.ListenInPlace(call, call.Number(1), rights) : null;
        var errno = known ?? Errno.None;
        var local = LocalOf(call, socket);
        _events.Add(happened with { Local = local, Error = NameOf(errno), IsOutcomeKnown = known is not null || local is not null });
        if (errno == Errno.None && local is { } there)
        {
            Listeners.Add(happened.Socket, there, socket.Inode, happened.Process);
            _ports.Add(local, happened.Socket, socket.Inode, happened.At);
        }
        if (known is not null)
            call.Answer(errno);
        return known is not null;
    }

    private void SetOption(WaitingCall call, TrappedSocket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        int? number = call.Number(4) >= sizeof(int) && call.Read(call.Argument(3), value) == Errno.None ? BitConverter.ToInt32(value)
            : null;
        var name = (call.Number(1), call.Number(2)) switch
        {
            (SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress) => "SO_REUSEADDR",
            (SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort) => "SO_REUSEPORT",
            (SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) => "IPV6_V6ONLY",
            (SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort) => "IP_BIND_ADDRESS_NO_PORT",
            (SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind) => "IP_FREEBIND",
            (SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent) => "IP_TRANSPARENT",
            _ => null,
        };
        // What is bound, and was never seen, was accepted or inherited: servers set options on each connection.
        if (name is null || About(call, AuditAct.Option, socket) is not { } happened
            || (happened.Local is not null && !_events.Knows(happened.Socket)))
            return;
        _events.Confirm(happened.Socket, happened.Local);
        _events.Add(happened with { Option = name, Value = number });
    }

    private void Execute(WaitingCall call)
    {
        var whole = call.Inspect(() => ExecutedFile.Read(call.Thread, call.Argument(call.Kind == CallKind.ExecuteAt ? 1 : 0)) is { } file
            && ProcessPaths.Resolve(call.Thread, file) is { } found && ProcessPaths.IsFile(found) ? found : null);
        // The first is the program itself, found in PATH.
        if (whole is not null && _hasExecuted && About(call, AuditAct.Execute) is { } happened)
        {
            var listeners = Listeners.Copy();
            ImmutableArray<PassedListener> inherits = [];
            if (!listeners.IsEmpty)
                inherits = call.Inspect(() => InheritedSockets.Of(happened.Process, whole, call, listeners));
            if (call.IsStanding)
                _events.Add(happened with { File = whole, Inherits = inherits });
        }
        _hasExecuted |= whole is not null;
        var process = call.Inspect(() => call.Process);
        _programs.Forget(process);
        _code.Forget(process);
    }

    private static IpEndpoint? LocalOf(WaitingCall call, TrappedSocket socket) => call.Inspect(() => socket.Local);

    // Null where the call no longer waits: what was read may be another process's.
    private AuditEvent? About(WaitingCall call, AuditAct act, TrappedSocket? socket = null)
    {
        var (code, programs) = (_code, _programs);
        AuditEvent about;
        using (call.By.Leave())
        {
            var process = call.Process;
            var (name, language, packaged) = programs.Of(process);
            about = new AuditEvent
            {
                At = Now,
                Act = act,
                Process = process,
                Thread = call.Thread,
                Program = name,
                Language = language,
                Packaged = packaged,
                // Clients make a socket for each connection, and it is bind() that matters.
                Place = act == AuditAct.Socket ? null : code.Find(process, call.Thread, call.InstructionPointer),
            };
            if (socket is not null)
            {
                about = about with
                {
                    Socket = socket.Cookie,
                    Protocol = socket.Protocol,
                    Family = FamilyOf(socket.Family),
                    Local = socket.Local,
                    Options = SocketOptions.Options(socket),
                };
            }
        }
        return call.IsStanding ? about : null;
    }

    private static IpFamily? FamilyOf(int domain) => domain switch
    {
        SocketCall.FamilyIPv4 => IpFamily.IPv4,
        SocketCall.FamilyIPv6 => IpFamily.IPv6,
        _ => null,
    };

    private static string? NameOf(Errno errno) => errno == Errno.None ? null : errno.ToString();
}
