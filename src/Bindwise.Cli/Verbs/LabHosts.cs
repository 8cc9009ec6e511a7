using Bindwise.Cli.Output;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Cli.Verbs;

/// <summary>The hosts that a run of <c>lab</c> plays on, for as long as it runs.</summary>
internal sealed class LabHosts : IDisposable
{
    // A pool belongs to the thread that opened it.
    private readonly ThreadLocal<LivePool>? _pools;

    private LabHosts(bool onModel, ThreadLocal<LivePool>? pools)
    {
        _pools = pools;
        Stage = new Stage(
            onModel ? static scenario => new SimulatedHost(scenario) : null,
            pools is null ? null : scenario => pools.Value!.Lease(ScenarioNeeds.Of(scenario)));
    }

    /// <summary>Where to play.</summary>
    public Stage Stage { get; }

    /// <summary>The running kernel's release.</summary>
    public static string Kernel => KernelRelease.Read();

    /// <summary>Opens them; null, with one line on standard error, when the kernel was asked for and cannot be used.</summary>
    public static LabHosts? Open(PlayOn on, ErrorLines errors)
    {
        if (on == PlayOn.Model)
            return new LabHosts(onModel: true, null);
        if (WhyNoKernel() is not { } lack)
            return new LabHosts(on != PlayOn.Kernel, new ThreadLocal<LivePool>(static () => LivePool.Open()));
        errors.Write(on == PlayOn.WhereItCan ? $"playing on the model alone: {lack}" : lack);
        return on == PlayOn.WhereItCan ? new LabHosts(onModel: true, null) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _pools?.Dispose();

    /// <summary>Tried on a thread of its own, which the namespaces end with.</summary>
    private static string? WhyNoKernel()
    {
        string? lack = null;
        var trial = new Thread(() =>
        {
            try
            {
                using var pool = LivePool.Open();
                using var host = pool.Lease(ScenarioNeeds.Of(new Scenario("", [])));
            }
            catch (LiveUnavailableException exception)
            {
                lack = exception.Message;
            }
        });
        trial.Start();
        trial.Join();
        return lack;
    }
}
