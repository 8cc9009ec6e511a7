using System.Collections.Immutable;

namespace Bindwise;

/// <summary>What a program listens on, whether the sockets were passed to it or not. Immutable.</summary>
public sealed record SocketActivationOptions
{
    /// <summary>The listeners, at least one.</summary>
    public required ImmutableArray<NamedListenRequest> Listeners { get; init; }

    /// <summary>What to do if LISTEN_PID names another process.</summary>
    public ListenPidMismatch ListenPidMismatch { get; init; }

    /// <summary>What to do with passed sockets that are not in the plan.</summary>
    public UnusedSockets UnusedSockets { get; init; }

    /// <summary>A plan of listeners without names.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    public static SocketActivationOptions Of(params ReadOnlySpan<ListenRequest> requests)
    {
        var planned = ImmutableArray.CreateBuilder<NamedListenRequest>(requests.Length);
        foreach (var request in requests)
            planned.Add(new NamedListenRequest(request));
        return new SocketActivationOptions { Listeners = planned.MoveToImmutable() };
    }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(SocketActivationOptions? other) => other is not null
        && Sequence.AreEqual(Listeners, other.Listeners)
        && (ListenPidMismatch, UnusedSockets) == (other.ListenPidMismatch, other.UnusedSockets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sequence.Hash(Listeners), ListenPidMismatch, UnusedSockets);
}

/// <summary>One listener of a <see cref="SocketActivationOptions"/>.</summary>
/// <param name="Request">What to bind if no socket was passed for it.</param>
/// <param name="Name">
/// Passed sockets of this name (FileDescriptorName= of the unit) and a transport of the request are this listener, wherever they are bound.
/// Null: those that match an address, a transport and a port of the request, whatever their name.
/// </param>
public sealed record NamedListenRequest(ListenRequest Request, string? Name = null);

/// <summary>The listeners of a <see cref="SocketActivationOptions"/>, all of them bound. The caller owns them.</summary>
/// <param name="Listeners">In the order of the plan.</param>
/// <param name="UnusedSockets">Passed sockets that are not in the plan: open for <see cref="UnusedSockets.Keep"/>, closed for <see cref="UnusedSockets.Close"/>.</param>
public sealed record SocketActivationResult(ImmutableArray<ActivatedListener> Listeners, ImmutableArray<ActivatedSocket> UnusedSockets)
{
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(SocketActivationResult? other) => other is not null
        && Sequence.AreEqual(Listeners, other.Listeners)
        && Sequence.AreEqual(UnusedSockets, other.UnusedSockets);

    /// <inheritdoc/>
    public override int GetHashCode() => Sequence.Hash(Listeners);
}

/// <summary>A listener that was passed or bound.</summary>
/// <param name="Listener">The listener; its request is null if all its sockets were passed.</param>
/// <param name="PassedSockets">How many of its sockets were passed; 0 if it was bound here.</param>
/// <param name="Differences">
/// Options of passed sockets that differ from the request, one sentence each: bound sockets keep theirs. Empty if there are none.
/// </param>
public sealed record ActivatedListener(BoundListener Listener, int PassedSockets, ImmutableArray<string> Differences)
{
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(ActivatedListener? other) => other is not null
        && Sequence.AreEqual(Differences, other.Differences)
        && (Listener, PassedSockets) == (other.Listener, other.PassedSockets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sequence.Hash(Differences), Listener, PassedSockets);
}

/// <summary>What to do with passed sockets that a <see cref="SocketActivationOptions"/> does not use: clients could connect to them, and get no answer.</summary>
public enum UnusedSockets
{
    /// <summary>An <see cref="SocketActivationException"/> that names them.</summary>
    Refuse,

    /// <summary>They are closed here, and reported. (The service manager keeps its own copies, and goes on listening.)</summary>
    Close,

    /// <summary>The caller gets and owns them.</summary>
    Keep,
}
