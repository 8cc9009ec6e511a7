using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising;

/// <summary>
/// Answers the calls that a filter hands over, one after the other, until no thread has the filter any more. What it cannot do exactly as the
/// kernel would for the program, it leaves to the kernel.
/// </summary>
/// <param name="plan">What to do about the sockets.</param>
/// <param name="report">Whom to tell.</param>
/// <param name="errors">The program's standard error.</param>
/// <param name="program">The process that becomes the program.</param>
/// <param name="keeper">What keeps the program's sockets beyond its end; null for nothing.</param>
/// <param name="told">What was explained already, of earlier starts of the program; null for nothing.</param>
[SupportedOSPlatform("linux")]
internal sealed class Supervisor(SupervisionPlan plan, ISupervisionReport report, ProgramErrors errors, int program, ISocketKeeper? keeper = null, RefusalMemory? told = null)
{
    /// <summary>More binds that wait at once are refused as they would be without waiting.</summary>
    private const int MostHeld = 256;

    private const int Forever = -1;
    private const string Kept = "kept";

    private readonly ProgramRights _rights = new();
    private readonly List<HeldBind> _held = [];
    private readonly RefusalMemory _told = told ?? new();
    private bool _hasToldOfSockets;
    private bool _hasToldOfMoves;

    /// <summary>Serves until the last supervised thread has ended.</summary>
    /// <param name="listener">The filter's listener.</param>
    /// <param name="isKillableOnly">No signal that the program handles ends a call that waits: what was done for it is then also its result.</param>
    internal void Serve(SafeFileDescriptor listener, bool isKillableOnly)
    {
        var goesOn = true;
        while (goesOn)
            goesOn = Turn(listener, isKillableOnly, HasWaiting ? HeldBind.PaceMilliseconds : Forever);
    }

    /// <summary>A bind() waits for its port: a turn is due every <see cref="HeldBind.PaceMilliseconds"/>.</summary>
    internal bool HasWaiting => _held.Count > 0;

    /// <summary>Serves one call, and tries again what waits.</summary>
    /// <param name="listener">The filter's listener.</param>
    /// <param name="isKillableOnly">As above.</param>
    /// <param name="milliseconds">How long to wait for a call.</param>
    /// <returns>False when the last supervised thread has ended.</returns>
    internal bool Turn(SafeFileDescriptor listener, bool isKillableOnly, int milliseconds)
    {
        var isCall = SeccompListener.Wait(listener, milliseconds, out var isOver);
        if (isOver)
            return false;
        if (isCall && SeccompListener.Receive(listener, out var call) == Errno.None)
            Serve(listener, call, isKillableOnly);
        _held.RemoveAll(held => TryAgain(listener, held));
        return true;
    }

    private void Serve(SafeFileDescriptor listener, in SystemCallNotice call, bool isKillableOnly)
    {
        try
        {
            if (call.Number == SystemCallNumber.LandlockRestrictSelf)
                _rights.Sandbox();
            var isHandled = call.Number == SystemCallNumber.Bind ? Bind(listener, call, isKillableOnly)
                : call.Number == SystemCallNumber.Listen ? isKillableOnly && Listen(listener, call)
                : call.Number == SystemCallNumber.Shutdown ? isKillableOnly && keeper?.Shutdown(listener, call) == true
                : call.Number == SystemCallNumber.Connect ? isKillableOnly && keeper?.Disconnect(listener, call) == true
                : call.Number == SystemCallNumber.SetSocketOption && KeepReuseAddress(listener, call);
            if (!isHandled)
                SeccompListener.Pass(listener, call.Id);
        }
        catch (Exception fault)
        {
            // Whatever fails here must not keep the program: the kernel does the call. A call that was answered is not answered twice (ENOENT).
            SeccompListener.Pass(listener, call.Id);
            errors.Write(Thread(call), report.Tell($"the supervisor left a call to the kernel: {fault.GetType().Name}: {fault.Message}"));
        }
    }

    // True: answered, or held.
    private bool Bind(SafeFileDescriptor listener, in SystemCallNotice call, bool isKillableOnly)
    {
        using var socket = Take(listener, call);
        if (socket is null || SupervisedAddress.Read(call, socket.Family) is not { } address || !SocketNameCall.TryRead(address, out var asked, out var scope))
            return false;
        var thread = Thread(call);
        // A port that the kernel chooses collides with nothing, and is another one the next time.
        if (plan.ReuseAddress && socket.Protocol == Protocol.Tcp && asked.Port != 0 && socket.Local is null && socket.SetReuseAddress())
            Record(SupervisionEvent.OptionSet, thread, asked, "SO_REUSEADDR");
        var target = plan.Moved(asked);
        if (target.Address.Family == asked.Address.Family && target != asked)
            Write(address, target);
        else
            target = asked;
        if (!isKillableOnly || !_rights.MayBind(thread, target))
        {
            TellOfMove(thread, asked, target);
            return false;
        }
        var isGiven = keeper?.TryGive(listener, call, socket, target, scope) == true;
        var errno = isGiven ? Errno.None : socket.Bind(address);
        if (errno == Errno.EADDRINUSE && keeper?.MakeRoom(socket, target) == true)
            errno = socket.Bind(address);
        if (errno == Errno.None)
        {
            if (!isGiven)
                keeper?.Bound(call, socket, target, scope);
            if (target != asked)
                Record(SupervisionEvent.Moved, thread, target, asked.ToString());
            Succeed(listener, call, SupervisionEvent.Bind, isGiven ? target : socket.Local ?? target, isGiven ? Kept : null);
            return true;
        }
        if (errno is not (Errno.EADDRINUSE or Errno.EADDRNOTAVAIL or Errno.EACCES))
        {
            SeccompListener.Answer(listener, call.Id, errno);
            return true;
        }
        var refused = Describe(thread, socket, target, scope, errno);
        if (errno == Errno.EADDRINUSE && plan.Wait != TimeSpan.Zero && _held.Count < MostHeld && !WaitsForItself(refused))
            return Hold(listener, call, address, refused);
        Refuse(listener, call, refused, errno);
        return true;
    }

    private bool Listen(SafeFileDescriptor listener, in SystemCallNotice call)
    {
        using var socket = Take(listener, call);
        var thread = Thread(call);
        if (socket is not { Protocol: Protocol.Tcp } || !_rights.MayListen(thread))
            return false;
        var backlog = unchecked((int)call.Argument1);
        var errno = keeper?.Listen(listener, call, socket, backlog) ?? socket.Listen(backlog);
        if (errno == Errno.None)
            Succeed(listener, call, SupervisionEvent.Listen, socket.Local);
        else if (errno == Errno.EADDRINUSE && socket.Local is { } local)
            Refuse(listener, call, Describe(thread, socket, local, 0, errno) with { IsListen = true }, errno);
        else
            SeccompListener.Answer(listener, call.Id, errno);
        return true;
    }

    // Connections inherit the option from their listener, and a TIME_WAIT of one that lacks it blocks the next start.
    private bool KeepReuseAddress(SafeFileDescriptor listener, in SystemCallNotice call)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        if (unchecked((int)call.Argument4) < sizeof(int) || ForeignMemory.Read(Thread(call), call.Argument3, value) != Errno.None || value.ContainsAnyExcept((byte)0))
            return false;
        using var socket = Take(listener, call);
        if (socket is not { Protocol: Protocol.Tcp, Local: { } local })
            return false;
        SeccompListener.Answer(listener, call.Id, Errno.None);
        Record(SupervisionEvent.OptionSet, Thread(call), local, "SO_REUSEADDR");
        return true;
    }

    private bool Hold(SafeFileDescriptor listener, in SystemCallNotice call, byte[] address, RefusedCall refused)
    {
        var copy = TrappedSocket.Take(listener, call, out _);
        if (copy is null)
            return false;
        _held.Add(new HeldBind(call, copy, address, refused, plan.Wait));
        Record(SupervisionEvent.Held, refused.Thread, refused.Endpoint, refused.Error);
        errors.Write(refused.Process, report.TellWaiting(refused));
        return true;
    }

    // True: it waits no longer.
    private bool TryAgain(SafeFileDescriptor listener, HeldBind held)
    {
        if (!held.IsDue)
            return false;
        var isThere = SeccompListener.IsValid(listener, held.Call.Id);
        var errno = isThere ? held.Socket.Bind(held.Address) : Errno.ESRCH;
        var isSignalled = isThere && errno == Errno.EADDRINUSE && PendingSignals.Any(held.Refused.Thread);
        if (isThere && errno == Errno.EADDRINUSE && !held.IsOver && !isSignalled)
            return false;
        if (errno == Errno.None)
            keeper?.Bound(held.Call, held.Socket, held.Refused.Endpoint, held.Refused.Scope);
        held.Socket.Dispose();
        if (!isThere)
            return true;
        var call = held.Call;
        if (errno == Errno.None)
        {
            errors.Write(held.Refused.Process, report.Tell(FormattableString.Invariant($"{held.Refused.Endpoint} could be bound after {held.Waited.TotalSeconds:0.0} s")));
            Succeed(listener, call, SupervisionEvent.Bind, held.Refused.Endpoint);
        }
        else
        {
            // Whoever sent the signal need not be told once more for whom it waited.
            Refuse(listener, call, held.Refused with { Error = errno.ToString() }, errno, isExplained: !isSignalled);
        }
        return true;
    }

    // The one thread that could free the port would wait for it.
    private bool WaitsForItself(RefusedCall refused) =>
        ProcessStatus.TryFind(ThreadFile.Read(refused.Thread, "status"u8), "\nThreads:"u8, out var threads) && threads.SequenceEqual("1"u8) && report.IsHeldByCaller(refused);

    private void Succeed(SafeFileDescriptor listener, in SystemCallNotice call, SupervisionEvent what, IpEndpoint? endpoint, string? reason = null)
    {
        if (endpoint is { } there)
            _told.Forget(there);
        SeccompListener.Answer(listener, call.Id, Errno.None);
        Record(what, Thread(call), endpoint, reason);
    }

    // Told before the program sees its error: what it writes about it comes after.
    private void Refuse(SafeFileDescriptor listener, in SystemCallNotice call, RefusedCall refused, Errno errno, bool isExplained = true)
    {
        Record(SupervisionEvent.BindFailed, refused.Thread, refused.Endpoint, refused.Error);
        if (isExplained && _told.IsNew(refused.Endpoint, refused.Error))
            errors.Write(refused.Process, report.Explain(refused));
        SeccompListener.Answer(listener, call.Id, errno);
    }

    private RefusedCall Describe(int thread, TrappedSocket socket, IpEndpoint endpoint, uint scope, Errno errno) =>
        new(ThreadFile.Leader(thread), ThreadFile.Name(thread), socket.Protocol, endpoint, errno.ToString())
        {
            Thread = thread,
            Scope = scope,
            Options = socket.ReadOptions(),
            IsElsewhere = !_rights.IsSameUser(thread),
        };

    private TrappedSocket? Take(SafeFileDescriptor listener, in SystemCallNotice call)
    {
        var socket = TrappedSocket.Take(listener, call, out var errno);
        if (errno is Errno.EPERM or Errno.EACCES && !_hasToldOfSockets)
        {
            _hasToldOfSockets = true;
            errors.Write(program, report.Tell($"the sockets of {ThreadFile.Name(Thread(call))} cannot be taken ({errno}, pidfd_getfd): it binds unsupervised"));
        }
        return socket;
    }

    private void Record(SupervisionEvent what, int thread, IpEndpoint? endpoint, string? reason)
    {
        if (plan.Events is not null)
            report.Record(what, ThreadFile.Leader(thread), endpoint, reason);
    }

    private void TellOfMove(int thread, IpEndpoint asked, IpEndpoint target)
    {
        if (target == asked || _hasToldOfMoves)
            return;
        _hasToldOfMoves = true;
        errors.Write(thread, report.Tell($"{asked} is not moved to {target}: the supervisor does not have the program's rights, or the kernel is older than Linux 5.19"));
    }

    // Port and address stand at the same places for whoever calls (struct sockaddr_in, struct sockaddr_in6).
    private static void Write(Span<byte> address, IpEndpoint endpoint)
    {
        BinaryPrimitives.WriteUInt16BigEndian(address[sizeof(ushort)..], endpoint.Port);
        _ = endpoint.Address.WriteTo(address[(endpoint.Address.Family == IpFamily.IPv4 ? 4 : 8)..]);
    }

    private static int Thread(in SystemCallNotice call) => unchecked((int)call.Thread);
}

/// <summary>A bind() that waits until its port is free.</summary>
/// <param name="call">The waiting call.</param>
/// <param name="socket">The copy of its socket.</param>
/// <param name="address">What to bind.</param>
/// <param name="refused">What it was refused.</param>
/// <param name="limit">When to give up; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
[SupportedOSPlatform("linux")]
internal sealed class HeldBind(SystemCallNotice call, TrappedSocket socket, byte[] address, RefusedCall refused, TimeSpan limit)
{
    /// <summary>Between two tries, which cost some microseconds each.</summary>
    internal const int PaceMilliseconds = 25;

    private readonly long _since = Stopwatch.GetTimestamp();
    private long _triedAt = Stopwatch.GetTimestamp();

    internal SystemCallNotice Call => call;

    internal TrappedSocket Socket => socket;

    internal byte[] Address => address;

    internal RefusedCall Refused => refused;

    internal TimeSpan Waited => Stopwatch.GetElapsedTime(_since);

    internal bool IsOver => limit != Timeout.InfiniteTimeSpan && Waited >= limit;

    /// <summary>It is time to try again; other calls may come in between much more often.</summary>
    internal bool IsDue
    {
        get
        {
            if (Stopwatch.GetElapsedTime(_triedAt).TotalMilliseconds < PaceMilliseconds)
                return false;
            _triedAt = Stopwatch.GetTimestamp();
            return true;
        }
    }
}

/// <summary>Which refusals were explained a short time ago: a program that tries again and again is told once.</summary>
internal sealed class RefusalMemory
{
    /// <summary>The most that are remembered.</summary>
    internal const int Limit = 64;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private readonly Dictionary<(IpEndpoint Endpoint, string Error), long> _told = [];

    /// <summary>It was not explained lately; from now on it was.</summary>
    internal bool IsNew(IpEndpoint endpoint, string error)
    {
        if (_told.TryGetValue((endpoint, error), out var at) && Stopwatch.GetElapsedTime(at) < Quiet)
            return false;
        // A program that walks through many ports: what it was told first has long scrolled away, and the rest is not told.
        if (_told.Count >= Limit)
        {
            foreach (var old in _told.Where(static one => Stopwatch.GetElapsedTime(one.Value) >= Quiet).ToList())
                _told.Remove(old.Key);
            if (_told.Count >= Limit)
                return false;
        }
        _told[(endpoint, error)] = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>It works now: the next refusal is news.</summary>
    internal void Forget(IpEndpoint endpoint)
    {
        foreach (var old in _told.Keys.Where(key => key.Endpoint == endpoint).ToList())
            _told.Remove(old);
    }
}
