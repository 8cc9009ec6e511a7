namespace Bindwise.Dashboard.Metrics;

/// <summary>
/// How the exports by OTLP go. Says so in one line when they begin to fail, again at most every ten minutes, and when they are well again
/// after such a line. Thread-safe.
/// </summary>
/// <param name="receiver">Where they go.</param>
/// <param name="tell">Is given each line.</param>
/// <param name="clock">Measures the pause.</param>
internal sealed class ExportWatch(Uri receiver, Action<string> tell, TimeProvider clock)
{
    /// <summary>From one line about failures to the next, at least.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private long _failed;
    private long? _toldAt;
    private bool _isToldAsFailing;
    private bool _hasEnded;

    public Uri Receiver => receiver;

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>An export has ended.</summary>
    /// <param name="fault">Why it failed, without a full stop; null where it did not.</param>
    public void Exported(string? fault)
    {
        if (fault is not null)
            Interlocked.Increment(ref _failed);
        if (Line(fault) is { } line)
            tell(line);
    }

    /// <summary>The server ends: nothing more is told.</summary>
    public void End()
    {
        lock (_gate)
            _hasEnded = true;
    }

    private string? Line(string? fault)
    {
        // Without a user's name and password that stand in it.
        var place = $"{receiver.Scheme}://{receiver.Authority}";
        lock (_gate)
        {
            if (_hasEnded)
                return null;
            if (fault is null)
            {
                var isMended = _isToldAsFailing;
                _isToldAsFailing = false;
                return isMended ? $"metrics reach {place} again" : null;
            }
            if (_toldAt is { } toldAt && clock.GetElapsedTime(toldAt) < Pause)
                return null;
            (_toldAt, _isToldAsFailing) = (clock.GetTimestamp(), true);
            return $"metrics cannot be sent to {place}: {fault}; it is tried again each time";
        }
    }
}

/// <summary>Sends the exports, and tells how it went. The exporter itself keeps that to an event source, which nobody reads.</summary>
internal sealed class WatchedExports(ExportWatch watch) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Answered(base.Send(request, cancellationToken));
        }
        catch (Exception exception)
        {
            Failed(exception);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Answered(await base.SendAsync(request, cancellationToken));
        }
        catch (Exception exception)
        {
            Failed(exception);
            throw;
        }
    }

    private HttpResponseMessage Answered(HttpResponseMessage response)
    {
        watch.Exported(response.IsSuccessStatusCode ? null : $"it answers HTTP status {(int)response.StatusCode}");
        return response;
    }

    private void Failed(Exception exception) =>
        watch.Exported(exception is OperationCanceledException ? "it does not answer in time" : exception.Message.TrimEnd('.'));
}
