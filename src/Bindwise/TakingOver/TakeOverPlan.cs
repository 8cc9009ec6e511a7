using System.Collections.Immutable;

namespace Bindwise;

/// <summary>What a program listens on, whether the sockets were passed to it or not. Immutable.</summary>
public sealed record TakeOverPlan
{
    /// <summary>The listeners, at least one.</summary>
    public required ImmutableArray<PlannedListener> Listeners { get; init; }

    /// <summary>What to do if LISTEN_PID names another process.</summary>
    public BehindWrapper BehindWrapper { get; init; }

    /// <summary>What to do with passed sockets that are not in the plan.</summary>
    public LeftOver LeftOver { get; init; }

    /// <summary>A plan of listeners without names.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    public static TakeOverPlan Of(params ReadOnlySpan<ListenRequest> requests)
    {
        var planned = ImmutableArray.CreateBuilder<PlannedListener>(requests.Length);
        foreach (var request in requests)
            planned.Add(new PlannedListener(request));
        return new TakeOverPlan { Listeners = planned.MoveToImmutable() };
    }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(TakeOverPlan? other) => other is not null
        && Sequence.AreEqual(Listeners, other.Listeners)
        && (BehindWrapper, LeftOver) == (other.BehindWrapper, other.LeftOver);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sequence.Hash(Listeners), BehindWrapper, LeftOver);
}

/// <summary>One listener of a <see cref="TakeOverPlan"/>.</summary>
/// <param name="Request">What to bind if no socket was passed for it.</param>
/// <param name="Name">
/// Passed sockets of this name (FileDescriptorName= of the unit) and a transport of the request are this listener, wherever they are bound.
/// Null: those that match an address, a transport and a port of the request, whatever their name.
/// </param>
public sealed record PlannedListener(ListenRequest Request, string? Name = null);

/// <summary>The listeners of a <see cref="TakeOverPlan"/>, all of them bound. The caller owns them.</summary>
/// <param name="Listeners">In the order of the plan.</param>
/// <param name="LeftOver">Passed sockets that are not in the plan: open for <see cref="LeftOver.Keep"/>, closed for <see cref="LeftOver.Close"/>.</param>
public sealed record TakeOverResult(ImmutableArray<TakenListener> Listeners, ImmutableArray<InheritedSocket> LeftOver)
{
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(TakeOverResult? other) => other is not null
        && Sequence.AreEqual(Listeners, other.Listeners)
        && Sequence.AreEqual(LeftOver, other.LeftOver);

    /// <inheritdoc/>
    public override int GetHashCode() => Sequence.Hash(Listeners);
}

/// <summary>A listener that was passed or bound.</summary>
/// <param name="Listener">The listener; its request is null if all its sockets were passed.</param>
/// <param name="PassedSockets">How many of its sockets were passed; 0 if it was bound here.</param>
/// <param name="Differences">
/// Options of passed sockets that differ from the request, one sentence each: bound sockets keep theirs. Empty if there are none.
/// </param>
public sealed record TakenListener(BoundListener Listener, int PassedSockets, ImmutableArray<string> Differences)
{
    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(TakenListener? other) => other is not null
        && Sequence.AreEqual(Differences, other.Differences)
        && (Listener, PassedSockets) == (other.Listener, other.PassedSockets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sequence.Hash(Differences), Listener, PassedSockets);
}

/// <summary>What to do with passed sockets that a <see cref="TakeOverPlan"/> does not use: clients could connect to them, and get no answer.</summary>
public enum LeftOver
{
    /// <summary>An <see cref="InheritanceException"/> that names them.</summary>
    Refuse,

    /// <summary>They are closed here, and reported. (The service manager keeps its own copies, and goes on listening.)</summary>
    Close,

    /// <summary>The caller gets and owns them.</summary>
    Keep,
}
