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
}

/// <summary>One listener of a <see cref="TakeOverPlan"/>.</summary>
/// <param name="Request">What to bind if no socket was passed for it.</param>
/// <param name="Name">
/// Passed sockets of this name (FileDescriptorName= of the unit) and a transport of the request are this listener, wherever they are bound.
/// Null: those that match an address, a transport and a port of the request, whatever their name.
/// </param>
public sealed record PlannedListener(ListenRequest Request, string? Name = null);
