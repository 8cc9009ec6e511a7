namespace Bindwise.AspNetCore.Diagnostics;

/// <summary>How the host's ports are used, read at most once a second: a collection asks for several numbers at once.</summary>
internal sealed class UsageReading(TimeProvider? clock = null)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private PortUsage? _last;
    private long _readAt;

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public string? Fault { get; private set; }

    /// <summary>The usage; null when it cannot be read, as on systems without a socket table.</summary>
    public PortUsage? Now()
    {
        lock (_lock)
        {
            if (_readAt != 0 && _clock.GetElapsedTime(_readAt) < s_fresh)
                return _last;
            (_last, Fault) = Read();
            _readAt = _clock.GetTimestamp();
            return _last;
        }
    }

    private static (PortUsage?, string?) Read()
    {
        try
        {
            return (PortUsage.Read(), null);
        }
        catch (PortQuestionException exception)
        {
            return (null, exception.Message);
        }
    }
}
