namespace Bindwise;

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

    /// <summary>Passed sockets of this name (FileDescriptorName= of the unit) and a transport of the request are this listener, wherever
    /// they are bound. Null: those that match an address, a transport and a port of the request, whatever their name.</summary>
    public string? Name { get; init; }
}

/// <summary>The listeners of a <see cref="SocketActivationOptions"/>, all of them bound. The caller owns and closes them.</summary>
public sealed class SocketActivationResult
{
    internal SocketActivationResult(ImmutableArray<ActivatedListener> listeners, ImmutableArray<ActivatedSocket> unusedSockets) =>
        (Listeners, UnusedSockets) = (listeners, unusedSockets);

    /// <summary>In the order of the options.</summary>
    public ImmutableArray<ActivatedListener> Listeners { get; }

    /// <summary>Passed sockets that the options do not name: open for <see cref="Bindwise.UnusedSockets.Keep"/>, closed for
    /// <see cref="Bindwise.UnusedSockets.Close"/>.</summary>
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

    /// <summary>Options of passed sockets that differ from the request, one sentence each: bound sockets keep theirs. Empty if there are
    /// none.</summary>
    public ImmutableArray<string> Differences { get; }
}

/// <summary>What to do with passed sockets that a <see cref="SocketActivationOptions"/> does not use: clients could connect to them, and
/// get no answer.</summary>
public enum UnusedSockets
{
    /// <summary>An <see cref="SocketActivationException"/> that names them.</summary>
    Refuse,

    /// <summary>They are closed here, and reported. (The service manager keeps its own copies, and goes on listening.)</summary>
    Close,

    /// <summary>The caller gets and owns them.</summary>
    Keep,
}
