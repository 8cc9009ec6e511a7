using System.Collections.Immutable;

namespace Bindwise;

/// <summary>Makes listeners: exactly the options asked for, one port for all addresses, and a diagnosis when it fails.</summary>
public static class Listener
{
    /// <summary>Binds and listens. Waits, blocking, where the request's retry policy says so.</summary>
    /// <param name="request">What to listen on.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    public static BoundListener Bind(ListenRequest request) => throw new NotSupportedException();

    /// <summary>Binds and listens.</summary>
    /// <param name="request">What to listen on.</param>
    /// <param name="cancellationToken">Ends the waiting between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<BoundListener> BindAsync(ListenRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Binds several, all or none.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <exception cref="ArgumentException">There is none, one contradicts itself, or two ask for the same address and port.</exception>
    /// <exception cref="BindException">The system refused one of them; those before it are closed again.</exception>
    public static ImmutableArray<BoundListener> BindAll(params ReadOnlySpan<ListenRequest> requests) => throw new NotSupportedException();

    /// <summary>Binds several, all or none.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <param name="cancellationToken">Ends the waiting between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">There is none, one contradicts itself, or two ask for the same address and port.</exception>
    /// <exception cref="BindException">The system refused one of them; those before it are closed again.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<ImmutableArray<BoundListener>> BindAllAsync(IReadOnlyList<ListenRequest> requests, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
