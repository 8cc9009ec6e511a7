using Bindwise.Linux.PassedSockets;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>Sockets passed to this process by systemd (LISTEN_FDS, sd_listen_fds(3)) or by a parent. Safe from any thread.</summary>
public static class SocketActivation
{
    private static readonly Lock Gate = new();

    // How many descriptors an earlier call made close-on-exec and then refused: that they are so says nothing about them any more.
    private static int s_marked;

    /// <summary>
    /// Takes them: each once, set close-on-exec, with the variables removed so that no child takes them again. Empty if none was passed, if
    /// they were already taken, and on systems other than Linux. If it throws, nothing is taken and the variables stay.
    /// </summary>
    /// <remarks>
    /// All of them are set close-on-exec, even those refused or ignored. The variables are removed from the environment that .NET keeps and
    /// passes to children; native code in this process still sees them with getenv(3).
    /// </remarks>
    /// <param name="listenPidMismatch">What to do if LISTEN_PID names another process, or is missing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="listenPidMismatch"/> is none of its values.</exception>
    /// <exception cref="SocketActivationException">They were passed to another process and <paramref name="listenPidMismatch"/> refuses; a
    /// variable is not a number; a descriptor is not a socket.</exception>
    public static ImmutableArray<ActivatedSocket> Take(ListenPidMismatch listenPidMismatch = ListenPidMismatch.Refuse)
    {
        if (listenPidMismatch is < ListenPidMismatch.Refuse or > ListenPidMismatch.Ignore)
            throw new ArgumentOutOfRangeException(nameof(listenPidMismatch), listenPidMismatch, "Refuse, Take or Ignore.");
        lock (Gate)
            return OperatingSystem.IsLinux() ? TakeOnce(listenPidMismatch, null) : [];
    }

    /// <summary>
    /// Takes those that were given to the service manager's store under a listener's name, and what else listens, as the sockets of a
    /// socket unit do. Whatever else the service keeps there stays open, and is not looked at.
    /// </summary>
    [SupportedOSPlatform("linux")]
    internal static ImmutableArray<ActivatedSocket> TakeStored(Predicate<string> isListeners)
    {
        lock (Gate)
            return TakeOnce(ListenPidMismatch.Ignore, isListeners);
    }

    /// <summary>
    /// Listens on the passed sockets that match the options, and on sockets bound here for the rest. No socket is left listening without
    /// anyone to accept. Blocks while a request's retry policy waits.
    /// </summary>
    /// <param name="options">What to listen on.</param>
    /// <exception cref="ArgumentException">They are empty or contradict themselves.</exception>
    /// <exception cref="SocketActivationException">The passed sockets cannot be taken, or some are not in the options; what was taken is
    /// closed.</exception>
    /// <exception cref="BindException">The system refused to bind one; everything is closed.</exception>
    public static SocketActivationResult Listen(SocketActivationOptions options)
    {
        var takeOver = TakeOver.Begin(options);
        try
        {
            return takeOver.Complete(takeOver.ToBind is { IsEmpty: false } rest ? Listener.BindAll(rest.AsSpan()) : []);
        }
        catch
        {
            takeOver.Close();
            throw;
        }
    }

    /// <summary>As <see cref="Listen"/>, but without blocking a thread while a request's retry policy waits.</summary>
    /// <param name="options">What to listen on.</param>
    /// <param name="cancellationToken">Ends the wait between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">They are empty or contradict themselves.</exception>
    /// <exception cref="SocketActivationException">The passed sockets cannot be taken, or some are not in
    /// the options; what was taken is closed.</exception>
    /// <exception cref="BindException">The system refused to bind one; everything is closed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static async ValueTask<SocketActivationResult> ListenAsync(SocketActivationOptions options,
        CancellationToken cancellationToken = default)
    {
        var takeOver = TakeOver.Begin(options);
        try
        {
            return takeOver.Complete(
                takeOver.ToBind is { IsEmpty: false } rest ? await Listener.BindAllAsync(rest, cancellationToken).ConfigureAwait(false)
                    : []);
        }
        catch
        {
            takeOver.Close();
            throw;
        }
    }

    [SupportedOSPlatform("linux")]
    private static ImmutableArray<ActivatedSocket> TakeOnce(ListenPidMismatch listenPidMismatch, Predicate<string>? isListeners)
    {
        var count = PassedVariables.ReadCount();
        if (count == 0)
        {
            PassedVariables.Remove();
            return [];
        }
        // Before anything else is refused: no child is to have them.
        var descriptors = Claim(count);
        var variables = PassedVariables.Read(count);
        var isOurs = variables.Process == Environment.ProcessId;
        if (!isOurs && listenPidMismatch == ListenPidMismatch.Ignore)
        {
            PassedVariables.Remove();
            return [];
        }
        if (!isOurs && listenPidMismatch == ListenPidMismatch.Refuse)
            throw new SocketActivationException(SayWhose(variables));
        List<(PassedDescriptor Descriptor, string Name)> wanted = [.. descriptors.Zip(variables.Names)];
        if (isListeners is not null)
            _ = wanted.RemoveAll(one => !isListeners(one.Name) && !IsListener(one.Descriptor));
        foreach (var (descriptor, _) in wanted)
            Check(descriptor, isOurs);
        PassedVariables.Remove();
        return [.. wanted.Select(static one => Open(one.Descriptor.Number, one.Name))];
    }

    [SupportedOSPlatform("linux")]
    private static ImmutableArray<PassedDescriptor> Claim(int count)
    {
        var claimed = ImmutableArray.CreateBuilder<PassedDescriptor>(count);
        for (var index = 0; index < count; index++)
        {
            var descriptor = PassedDescriptor.Claim(PassedDescriptor.First + index);
            claimed.Add(index < s_marked ? descriptor with { WasCloseOnExec = false } : descriptor);
        }
        s_marked = Math.Max(s_marked, count);
        return claimed.MoveToImmutable();
    }

    [SupportedOSPlatform("linux")]
    private static bool IsListener(PassedDescriptor descriptor) =>
        descriptor.Kind == PassedKind.Socket && PassedDescriptor.IsListening(descriptor.Number);

    [SupportedOSPlatform("linux")]
    private static void Check(PassedDescriptor descriptor, bool isOurs)
    {
        var fault = descriptor.Kind switch
        {
            PassedKind.NotOpen => "is not open",
            PassedKind.NoSocket => "is not a socket",
            PassedKind.OtherSocket => "is a socket of a family other than IPv4, IPv6 and UNIX",
            // The runtime opens sockets of its own, with low numbers. What exec passed cannot be close-on-exec.
            PassedKind.Socket when descriptor.WasCloseOnExec =>
                "was not passed: this process opened it itself, or other code in it has taken it",
            PassedKind.Socket when !isOurs && !PassedDescriptor.IsListening(descriptor.Number) =>
                "does not listen, and was passed to another process",
            _ => null,
        };
        if (fault is not null)
            throw new SocketActivationException(
                $"LISTEN_FDS names descriptor {descriptor.Number}, which {fault}: the program that started this one passes sockets "
                    + "wrongly, or the variables were inherited by mistake (unset LISTEN_FDS LISTEN_PID LISTEN_FDNAMES).");
    }

    [SupportedOSPlatform("linux")]
    private static ActivatedSocket Open(int number, string name)
    {
        // The manager has it too.
        var socket = new SharedSocket(new SafeSocketHandle(number, ownsHandle: true));
        return new ActivatedSocket(name, number, socket, socket.LocalEndPoint ?? new IPEndPoint(IPAddress.None, 0),
            PassedDescriptor.IsListening(number));
    }

    [SupportedOSPlatform("linux")]
    private static string SayWhose(PassedVariables variables)
    {
        var sockets = variables.Count == 1 ? "A socket was"
            : string.Create(CultureInfo.InvariantCulture, $"{variables.Count} sockets were");
        var self = string.Create(CultureInfo.InvariantCulture, $"this process ({Environment.ProcessId})");
        if (variables.Process is not { } process)
            return $"{sockets} passed (LISTEN_FDS) without LISTEN_PID, which would say that they are for {self}: set it in the program "
                + "that starts this one, or take them anyway (ListenPidMismatch.Take).";
        var kin = ProcessRelation.Of(process);
        var whom = string.Create(CultureInfo.InvariantCulture, $"{sockets} passed (LISTEN_FDS) to process {process}");
        return kin switch
        {
            { IsAncestor: true } =>
                $"{whom} ({Escaper.Escape(kin.Name, 60)}), a wrapper that started {self}: let the wrapper exec this program, or take them "
                    + "anyway (ListenPidMismatch.Take).",
            { Name: not null } =>
                $"{whom} ({Escaper.Escape(kin.Name, 60)}), which did not start {self}: LISTEN_FDS was inherited by mistake: unset it, or "
                    + "use ListenPidMismatch.Ignore.",
            _ => $"{whom}, which is gone, not to {self}: a wrapper that ended, or LISTEN_FDS was inherited by mistake; take them "
                + "(ListenPidMismatch.Take), leave them (ListenPidMismatch.Ignore) or unset it.",
        };
    }
}

/// <summary>Sockets were (or seem to have been) passed to this process, but cannot be taken.</summary>
/// <param name="message">One sentence: what, why, and what to do.</param>
public sealed class SocketActivationException(string message) : Exception(message), IBindwiseException;

/// <summary>What a program listens on, whether the sockets were passed to it or not. Immutable.</summary>
public sealed record SocketActivationOptions
{
    /// <summary>The listeners, at least one.</summary>
    public required ImmutableArray<NamedListenRequest> Listeners { get; init; }

    /// <summary>What to do if LISTEN_PID names another process.</summary>
    public ListenPidMismatch ListenPidMismatch { get; init; }

    /// <summary>What to do with passed sockets that no listener takes.</summary>
    public UnusedSockets UnusedSockets { get; init; }

    /// <summary>Listeners without names.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    public static SocketActivationOptions Of(params ReadOnlySpan<ListenRequest> requests)
    {
        var planned = ImmutableArray.CreateBuilder<NamedListenRequest>(requests.Length);
        foreach (var request in requests)
            planned.Add(new NamedListenRequest { Request = request });
        return new SocketActivationOptions { Listeners = planned.MoveToImmutable() };
    }

    // By hand: EquatableArray is in Bindwise.Model, which a start that works does not load.
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(SocketActivationOptions? other) => other is not null
        && Listeners.AsSpan().SequenceEqual(other.Listeners.AsSpan())
        && (ListenPidMismatch, UnusedSockets) == (other.ListenPidMismatch, other.UnusedSockets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Listeners.IsDefault ? 0 : Listeners.Length, ListenPidMismatch, UnusedSockets);
}

/// <summary>One listener of a <see cref="SocketActivationOptions"/>.</summary>
public sealed record NamedListenRequest
{
    /// <summary>What to bind if no socket was passed for it.</summary>
    public required ListenRequest Request { get; init; }

    /// <summary>
    /// Passed sockets of this name (FileDescriptorName= of the unit) and a transport of the request are this listener, wherever they are
    /// bound. Null: those that match an address, a transport and a port of the request, whatever their name.
    /// </summary>
    public string? Name { get; init; }
}

/// <summary>The listeners of a <see cref="SocketActivationOptions"/>, all of them bound. The caller owns and closes them.</summary>
public sealed class SocketActivationResult
{
    internal SocketActivationResult(ImmutableArray<ActivatedListener> listeners, ImmutableArray<ActivatedSocket> unusedSockets) =>
        (Listeners, UnusedSockets) = (listeners, unusedSockets);

    /// <summary>In the order of the options.</summary>
    public ImmutableArray<ActivatedListener> Listeners { get; }

    /// <summary>
    /// Passed sockets that the options do not name: open for <see cref="Bindwise.UnusedSockets.Keep"/>, closed for <see
    /// cref="Bindwise.UnusedSockets.Close"/>.
    /// </summary>
    public ImmutableArray<ActivatedSocket> UnusedSockets { get; }
}

/// <summary>A listener that was passed or bound.</summary>
public sealed class ActivatedListener
{
    internal ActivatedListener(BoundListener listener, int passedSockets, ImmutableArray<string> differences) =>
        (Listener, PassedSockets, Differences) = (listener, passedSockets, differences);

    /// <summary>The listener; its request is null if all its sockets were passed. The caller owns and closes it.</summary>
    public BoundListener Listener { get; }

    /// <summary>How many of its sockets were passed; 0 if it was bound here.</summary>
    public int PassedSockets { get; }

    /// <summary>
    /// Options of passed sockets that differ from the request, one sentence each: bound sockets keep theirs. Empty if there are none.
    /// </summary>
    public ImmutableArray<string> Differences { get; }
}

/// <summary>
/// What to do with passed sockets that a <see cref="SocketActivationOptions"/> does not use: clients could connect to them, and get no
/// answer.
/// </summary>
public enum UnusedSockets
{
    /// <summary>An <see cref="SocketActivationException"/> that names them.</summary>
    Refuse,

    /// <summary>They are closed here, and reported. (The service manager keeps its own copies, and goes on listening.)</summary>
    Close,

    /// <summary>The caller gets and owns them.</summary>
    Keep,
}
