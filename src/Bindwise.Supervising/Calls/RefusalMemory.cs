using System.Diagnostics;

namespace Bindwise.Supervising.Calls;

/// <summary>Which refusals were explained a short time ago: a program that tries again and again is told once.</summary>
internal sealed class RefusalMemory
{
    internal const int Limit = 64;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private readonly Dictionary<(IpEndpoint Endpoint, string Error, string? Path), long> _told = [];

    /// <summary>It was not explained lately; from now on it was.</summary>
    internal bool IsNew(IpEndpoint endpoint, string error, string? path = null)
    {
        if (_told.TryGetValue((endpoint, error, path), out var at) && Stopwatch.GetElapsedTime(at) < Quiet)
            return false;
        // A program that walks through many ports: what it was told first has long scrolled away, and the rest is not told.
        if (_told.Count >= Limit)
        {
            foreach (var old in _told.Where(static one => Stopwatch.GetElapsedTime(one.Value) >= Quiet).ToList())
                _told.Remove(old.Key);
            if (_told.Count >= Limit)
                return false;
        }
        _told[(endpoint, error, path)] = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>It works now: the next refusal is news.</summary>
    internal void Forget(IpEndpoint endpoint)
    {
        foreach (var old in _told.Keys.Where(key => key.Endpoint == endpoint).ToList())
            _told.Remove(old);
    }
}
