namespace Bindwise;

/// <summary>Lists sockets. Stateless; thread-safe.</summary>
public static class SocketTable
{
    /// <summary>Reads the sockets of this network namespace.</summary>
    /// <param name="filter">Which sockets; null for every TCP and UDP socket.</param>
    /// <param name="cancellationToken">Ends it between two of its stages.</param>
    /// <exception cref="ArgumentException">The filter names nothing to list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter's maximum is out of range.</exception>
    /// <exception cref="PortQuestionException">The socket table cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SocketListing Read(SocketFilter? filter = null, CancellationToken cancellationToken = default)
    {
        filter ??= SocketFilter.TcpAndUdp;
        filter.Check();
        cancellationToken.ThrowIfCancellationRequested();
        return filter.Portable || !OperatingSystem.IsLinux() ? DotNetTable.Read(filter) : KernelTable.Read(filter, cancellationToken);
    }

    /// <summary>The same on a thread of the pool: a table of 100,000 sockets takes about 20 ms, the search for owners more.</summary>
    /// <param name="filter">Which sockets; null for every TCP and UDP socket.</param>
    /// <param name="cancellationToken">Ends the wait at once, and the reading between two of its stages.</param>
    /// <exception cref="ArgumentException">The filter names nothing to list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter's maximum is out of range.</exception>
    /// <exception cref="PortQuestionException">The socket table cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<SocketListing> ReadAsync(SocketFilter? filter = null, CancellationToken cancellationToken = default)
    {
        filter ??= SocketFilter.TcpAndUdp;
        filter.Check();
        return PoolWork.RunAsync(() => Read(filter, cancellationToken), cancellationToken);
    }
}
