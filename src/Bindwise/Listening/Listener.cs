using System.Collections.Immutable;

namespace Bindwise;

/// <summary>Creates listeners: with exactly the options you ask for, one port for all addresses, and a diagnosis if it fails.</summary>
public static class Listener
{
    /// <summary>Binds and listens. Blocks while the request's retry policy waits.</summary>
    /// <param name="request">What to listen on.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PlatformNotSupportedException">The system lacks an option you asked for.</exception>
    /// <exception cref="InvalidOperationException">The system has an option other than you asked for.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    public static BoundListener Bind(ListenRequest request)
    {
        RequestCheck.Check(request);
        return BindOne(request, listens: true);
    }

    /// <summary>Binds and listens.</summary>
    /// <param name="request">What to listen on.</param>
    /// <param name="cancellationToken">Ends the wait between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PlatformNotSupportedException">The system lacks an option you asked for.</exception>
    /// <exception cref="InvalidOperationException">The system has an option other than you asked for.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<BoundListener> BindAsync(ListenRequest request, CancellationToken cancellationToken = default)
    {
        RequestCheck.Check(request);
        return BindOneAsync(request, listens: true, cancellationToken);
    }

    /// <summary>Binds several, all or none: none of them listens before all are bound, so no client connects to one that is then given up.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <exception cref="ArgumentException">The list is empty, a request contradicts itself, or two ask for the same address and port.</exception>
    /// <exception cref="BindException">The system refused one of them; those before it were closed.</exception>
    public static ImmutableArray<BoundListener> BindAll(params ReadOnlySpan<ListenRequest> requests)
    {
        RequestCheck.CheckAll(requests);
        var bound = ImmutableArray.CreateBuilder<BoundListener>(requests.Length);
        try
        {
            foreach (var request in requests)
                bound.Add(BindOne(request, listens: false));
            for (var index = 0; index < bound.Count; index++)
            {
                if (TryListen(bound[index]) is { } failure)
                    bound[index] = BindRetry.Go(failure, listens: true);
            }
            return bound.MoveToImmutable();
        }
        catch
        {
            Close(bound);
            throw;
        }
    }

    /// <summary>Binds several, all or none: none of them listens before all are bound, so no client connects to one that is then given up.</summary>
    /// <param name="requests">What to listen on, at least one.</param>
    /// <param name="cancellationToken">Ends the wait between two attempts and the search for the reason.</param>
    /// <exception cref="ArgumentException">The list is empty, a request contradicts itself, or two ask for the same address and port.</exception>
    /// <exception cref="BindException">The system refused one of them; those before it were closed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left open.</exception>
    public static ValueTask<ImmutableArray<BoundListener>> BindAllAsync(IReadOnlyList<ListenRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ImmutableArray<ListenRequest> asked = [.. requests];
        RequestCheck.CheckAll(asked.AsSpan());
        return BindEachAsync(asked, cancellationToken);
    }

    private static async ValueTask<ImmutableArray<BoundListener>> BindEachAsync(ImmutableArray<ListenRequest> requests, CancellationToken cancellationToken)
    {
        var bound = ImmutableArray.CreateBuilder<BoundListener>(requests.Length);
        try
        {
            foreach (var request in requests)
                bound.Add(await BindOneAsync(request, listens: false, cancellationToken).ConfigureAwait(false));
            for (var index = 0; index < bound.Count; index++)
            {
                if (TryListen(bound[index]) is { } failure)
                    bound[index] = await BindRetry.GoAsync(failure, listens: true, cancellationToken).ConfigureAwait(false);
            }
            return bound.MoveToImmutable();
        }
        catch
        {
            Close(bound);
            throw;
        }
    }

    private static BoundListener BindOne(ListenRequest request, bool listens) =>
        BindRound.Try(request, listens, out var listener) is { } failure ? BindRetry.Go(failure, listens) : listener!;

    private static ValueTask<BoundListener> BindOneAsync(ListenRequest request, bool listens, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BoundListener>(cancellationToken);
        return BindRound.Try(request, listens, out var listener) is { } failure
            ? new ValueTask<BoundListener>(BindRetry.GoAsync(failure, listens, cancellationToken))
            : ValueTask.FromResult(listener!);
    }

    // Another socket with SO_REUSEADDR was bound there too, and listens already: a failure like any other, and tried again like one.
    private static BindFailure? TryListen(BoundListener listener)
    {
        if (BindRound.ListenAll(listener) is not { } fault)
            return null;
        listener.Dispose();
        return new BindFailure(listener.Request!, [fault], 1);
    }

    private static void Close(ImmutableArray<BoundListener>.Builder bound)
    {
        foreach (var one in bound)
            one.Dispose();
    }
}
