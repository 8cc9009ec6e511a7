using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Bindwise.Linux.Events;
using Bindwise.Model.Events;
using Bindwise.Rendering.Json;

namespace Bindwise;

/// <summary>
/// What happens to the ports of this host, as <c>bindwise watch --events</c> tells it: failed binds of every other program with the reason,
/// ports that are taken and given back, and what will soon make binds fail. (One of this process throws.) Linux only.
/// </summary>
[SupportedOSPlatform("linux")]
public static class PortEvents
{
    /// <summary>
    /// Follows the events from now on, until it is cancelled. Each failed call is diagnosed when it happens, in its process's network
    /// namespace and for its user, without a probe. As root it sees every process and namespace; otherwise <see cref="FindLimits"/> says
    /// what is
    /// missing. Each call follows by itself: a program that has several readers follows once and shares what it reads.
    /// </summary>
    /// <param name="options">Which events; null for all.</param>
    /// <param name="cancellationToken">Ends it: the enumeration throws, as those of .NET do.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="PortQueryException">The kernel's socket table cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <example><code>
    /// await foreach (var happened in PortEvents.FollowAsync(new PortEventsOptions { FailuresOnly = true }, stopping))
    ///     Console.WriteLine($"{happened.Program} {happened.Address} {happened.Result}: {happened.Summary}");
    /// </code></example>
    public static IAsyncEnumerable<PortEvent> FollowAsync(PortEventsOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PortEventsOptions();
        options.Check(nameof(options));
        return FollowAsync(static () => PortEventSource.Open(), options, cancellationToken);
    }

    /// <summary>
    /// What the events of this host leave out, each a sentence that says what would show it; empty where nothing is missing.
    /// </summary>
    /// <exception cref="PortQueryException">The kernel's socket table cannot be read.</exception>
    public static ImmutableArray<string> FindLimits()
    {
        using var source = Open(static () => PortEventSource.Open());
        return source.Limits;
    }

    /// <summary>The event as one line of JSON, <c>bindwise.event/1</c> (docs/json.md), without the line's end.</summary>
    /// <param name="happened">The event.</param>
    public static string ToJson(this PortEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return EventJson.Render(happened);
    }

    /// <summary>Follows a source that is opened when the enumeration begins, and closed when it ends.</summary>
    internal static async IAsyncEnumerable<PortEvent> FollowAsync(Func<IPortEventSource> open, PortEventsOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var queue = new PortEventQueue(options);
        var source = Open(open);
        // Of its own: it takes on the rights and namespaces of others, which a thread of the pool must not.
        var following = OwnThread.RunAsync(
            () =>
            {
                using (source)
                    queue.Fill(source, ending.Token);
            },
            reason =>
            {
                source.Dispose();
                return new PortQueryException($"the sockets cannot be followed: {reason}");
            });
        // Nobody fills the queue then.
        if (following.IsFaulted)
            await following.ConfigureAwait(false);
        try
        {
            await foreach (var happened in queue.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return happened;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(false);
        }
    }

    private static IPortEventSource Open(Func<IPortEventSource> open)
    {
        try
        {
            return open();
        }
        catch (TableUnreadException exception)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }
}

/// <summary>Which events of a host a program follows, and how many may wait for it.</summary>
public sealed record PortEventsOptions
{
    internal const int DefaultCapacity = 4096;

    private const int MaximumCapacity = 1024 * 1024;

    /// <summary>Only calls that failed (<see cref="PortEventKind.BindFailed"/>), and what was lost. Default: false, everything.</summary>
    public bool FailuresOnly { get; init; }

    /// <summary>
    /// So many events may wait to be read: 1 to 1,048,576; default 4,096. What comes while so many wait is counted, and told by an event
    /// <see cref="PortEventKind.Lost"/> when there is room.
    /// </summary>
    public int Capacity { get; init; } = DefaultCapacity;

    internal void Check(string name)
    {
        if (Capacity is < 1 or > MaximumCapacity)
            throw new ArgumentException($"{nameof(Capacity)} is {Capacity}, and must be between 1 and {MaximumCapacity}.", name);
    }
}

/// <summary>Takes the events of a source, and keeps those that wait to be read: no more than its capacity.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PortEventQueue : IPortEventSink, IDisposable
{
    private readonly Channel<PortEvent> _channel;
    private readonly bool _failuresOnly;
    private readonly Meter _meter = new(BindwiseTelemetry.MeterName, BindwiseTelemetry.Version);
    private readonly Counter<long> _failures;
    private long _lost;

    public PortEventQueue(PortEventsOptions options)
    {
        _failuresOnly = options.FailuresOnly;
        _channel = Channel.CreateBounded<PortEvent>(
            new BoundedChannelOptions(options.Capacity) { SingleReader = true, SingleWriter = true });
        _failures = _meter.CreateCounter<long>(BindwiseTelemetry.HostBindFailures, "{failure}",
            "Failed binds of the host's programs, by cause, while PortEvents are followed.");
    }

    /// <summary>Takes what a source tells, until it ends.</summary>
    [SupportedOSPlatform("linux")]
    public void Fill(IPortEventSource source, CancellationToken cancellation)
    {
        Exception? fault = null;
        try
        {
            source.Run(this, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled knows.
        }
        catch (TableUnreadException exception)
        {
            fault = new PortQueryException(exception.Message, exception);
        }
        finally
        {
            _channel.Writer.TryComplete(fault);
        }
    }

    public IAsyncEnumerable<PortEvent> ReadAllAsync(CancellationToken cancellation) => _channel.Reader.ReadAllAsync(cancellation);

    public void Happened(PortEvent happened)
    {
        if (happened.Kind == PortEventKind.BindFailed)
            _failures.Add(happened.Count, new KeyValuePair<string, object?>(BindwiseTelemetry.CauseTag, happened.Cause ?? "unknown"));
        if (_failuresOnly && happened.Kind is not (PortEventKind.BindFailed or PortEventKind.Lost))
            return;
        if (_lost > 0 && _channel.Writer.TryWrite(new PortEvent { Time = happened.Time, Kind = PortEventKind.Lost, Count = _lost }))
            _lost = 0;
        if (_lost > 0 || !_channel.Writer.TryWrite(happened))
            _lost += happened.Kind == PortEventKind.Lost ? happened.Count : 1;
    }

    public void CensusRead(HostCensus census)
    {
        // What was lost is told even where nothing more happens.
        if (_lost > 0 && _channel.Writer.TryWrite(new PortEvent { Time = census.TakenAt, Kind = PortEventKind.Lost, Count = _lost }))
            _lost = 0;
    }

    public void Dispose() => _meter.Dispose();
}
