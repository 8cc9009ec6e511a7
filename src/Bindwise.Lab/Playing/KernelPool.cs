using System.Runtime.Versioning;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>Hosts on the running kernel.</summary>
[SupportedOSPlatform("linux")]
public sealed class KernelPool : IHostPool
{
    private readonly LivePool pool = LivePool.Open();

    /// <inheritdoc/>
    public bool HasRoom => pool.HasRoom;

    /// <inheritdoc/>
    public IHost Lease(Scenario scenario) => pool.Lease(ScenarioNeeds.Of(scenario));

    /// <inheritdoc/>
    public void Dispose() => pool.Dispose();
}
