using System.Runtime.CompilerServices;
using Bindwise.Linux.Events;
using Bindwise.Rendering.Json;

namespace Bindwise;

/// <summary>
/// What happens to the ports of this host, as <c>bindwise watch --events</c> tells it: failed binds of every program with the reason,
/// ports that are taken and given back, and what will soon make binds fail. Linux only.
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
        var following = Task.Factory.StartNew(
            () =>
            {
                using (source)
                    queue.Fill(source, ending.Token);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
