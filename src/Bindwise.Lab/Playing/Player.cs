namespace Bindwise.Lab.Playing;

/// <summary>Plays scenarios on the thread that made it, and on no other: a live host's namespaces belong to their thread.</summary>
internal sealed class Player : IDisposable
{
    private readonly ScenarioHosts _hosts;
    private readonly IHostPool? _pool;

    /// <summary>Opens the hosts on the calling thread.</summary>
    /// <exception cref="UnplayableException">The kernel is asked for and cannot be played on.</exception>
    public Player(ScenarioHosts hosts)
    {
        this._hosts = hosts;
        _pool = hosts.Kernel?.Invoke();
    }

    /// <summary>Whether a further scenario can begin before one under way has ended.</summary>
    internal bool HasRoom => _pool is null || _pool.HasRoom;

    /// <summary>Plays one scenario to its end, and waits where it waits; to its next wait when it is cancelled.</summary>
    public ScenarioResult Play(Scenario scenario, CancellationToken cancellation = default)
    {
        using var run = Begin(scenario);
        while (run.Advance() is { } wait && !cancellation.IsCancellationRequested)
            // Less than a millisecond would be no wait at all.
            cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)));
        return run.Result;
    }

    /// <summary>A scenario that is about to be played; the caller advances it and disposes of it.</summary>
    internal ScenarioRun Begin(Scenario scenario) => new(scenario, _hosts.Model, _pool);

    public void Dispose() => _pool?.Dispose();
}
