using System.Runtime.Versioning;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel;

/// <summary>The running kernel as a place to play scenarios, each in a network namespace.</summary>
internal static class KernelHosts
{
    private const string NeedsLinux = "running on the kernel needs Linux";

    /// <summary>The running kernel alone; opening it elsewhere than on Linux throws <see cref="PlatformNotSupportedException"/>.</summary>
    public static ScenarioHosts Alone { get; } =
        new(null, static () => OperatingSystem.IsLinux() ? new KernelPool() : throw new PlatformNotSupportedException(NeedsLinux));

    /// <summary>The running kernel and the rule model, which has its rules; the results are compared step by step.</summary>
    public static ScenarioHosts WithModel { get; } =
        WithModelOf(OperatingSystem.IsLinux() ? RunningKernel.Read() : KernelRelease.Documented);

    /// <summary>The running kernel, and the rule model with the rules of a release of Linux.</summary>
    public static ScenarioHosts WithModelOf(KernelRelease kernel) => ScenarioHosts.ModelOf(kernel) with { Kernel = Alone.Kernel };

    /// <summary>Why the running kernel cannot be played on, one line; null when it can. Tried on a thread of its own.</summary>
    public static string? WhyNot()
    {
        string? lack = null;
        var trial = new Thread(() => lack = OperatingSystem.IsLinux() ? Try() : NeedsLinux);
        trial.Start();
        trial.Join();
        return lack;
    }

    [SupportedOSPlatform("linux")]
    private static string? Try()
    {
        try
        {
            using var pool = new KernelPool();
            using var host = pool.Lease(new Scenario("", []));
            return null;
        }
        catch (LiveUnavailableException exception)
        {
            return exception.Message;
        }
    }

    [SupportedOSPlatform("linux")]
    private sealed class KernelPool : IHostPool
    {
        private readonly LivePool _pool = LivePool.Open();

        public bool HasRoom => _pool.HasRoom;

        public IHost Lease(Scenario scenario) => _pool.Lease(ScenarioNeeds.Of(scenario));

        public void Dispose() => _pool.Dispose();
    }
}
