using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bindwise.Dashboard.Guarding;

/// <summary>How much a client can cost.</summary>
internal static class RequestLimits
{
    /// <summary>So many requests are answered at the same time, streams aside; the body of each is in memory.</summary>
    public const int MostRequests = 32;

    /// <summary>So many more wait for some seconds.</summary>
    public const int MostWaiting = 96;

    /// <summary>So many connections; one more is closed at once.</summary>
    public const int MostConnections = 4096;

    /// <summary>What the kernel keeps of an answer that its client does not read; it takes twice as much memory for it.</summary>
    public const int SendBufferBytes = 64 << 10;

    /// <summary>A request that is no stream is given up after so long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Sets Kestrel's: sizes, and slow clients are dropped (the least rate of a request's body is 240 bytes a second).</summary>
    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MostConnections;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeadersTotalSize = 16 << 10;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.Http2.MaxStreamsPerConnection = 64;
        // By this a connection of HTTP/2 ends whose streams were given up unread; what the kernel holds for it counts.
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 2048, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
