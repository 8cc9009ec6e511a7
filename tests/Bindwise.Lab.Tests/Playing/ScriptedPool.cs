using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Tests.Playing;

/// <summary>Gives scripted hosts, and holds its player to its thread and to its room.</summary>
internal sealed class ScriptedPool(Func<Scenario, IHost> lease) : IHostPool
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _isDisposed;
    private int _leases;

    public int Room { get; init; } = int.MaxValue;

    public bool HasRoom => _leases < Room;

    public IHost Lease(Scenario scenario)
    {
        Check();
        Assert.True(HasRoom);
        var host = new Leased(this, lease(scenario));
        _leases++;
        return host;
    }

    public void Dispose()
    {
        Check();
        Assert.Equal(0, _leases);
        _isDisposed = 1;
    }

    private void Check()
    {
        Assert.Equal(_thread, Environment.CurrentManagedThreadId);
        Assert.Equal(0, _isDisposed);
    }

    private sealed class Leased(ScriptedPool pool, IHost host) : IHost
    {
        public StepResult Play(Step step)
        {
            pool.Check();
            return host.Play(step);
        }

        public void Dispose()
        {
            pool.Check();
            pool._leases--;
            host.Dispose();
        }
    }
}
