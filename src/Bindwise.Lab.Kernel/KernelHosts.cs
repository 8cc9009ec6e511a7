using System.Diagnostics;
using System.Runtime.Versioning;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Kernel;

/// <summary>The running kernel as a place to play scenarios, each in a network namespace.</summary>
internal static class KernelHosts
{
    internal const string NeedsLinux = "running on the kernel needs Linux";

    /// <summary>The running kernel alone; opening it elsewhere than on Linux throws <see cref="PlatformNotSupportedException"/>.</summary>
    public static ScenarioHosts Alone { get; } =
        new(null, static () => OperatingSystem.IsLinux() ? new KernelPool() : throw new PlatformNotSupportedException(NeedsLinux));

    private static readonly Lazy<KernelRelease> Running =
        new(static () => OperatingSystem.IsLinux() ? ReadRules() : KernelRelease.Documented);

    /// <summary>Whose rules the running kernel has: those of its release, with what it was built with and only a play can tell.</summary>
    public static KernelRelease Rules => Running.Value;

    /// <summary>The running kernel and the rule model, which has its rules; the results are compared step by step.</summary>
    public static ScenarioHosts WithModel => WithModelOf(Rules);

    /// <summary>The running kernel, and the rule model with the rules of a release of Linux.</summary>
    public static ScenarioHosts WithModelOf(KernelRelease kernel) => ScenarioHosts.ModelOf(kernel) with { Kernel = Alone.Kernel };

    /// <summary>Why the running kernel cannot be played on, one line; null when it can. Tried on a thread of its own.</summary>
    public static string? WhyNot() => OnOwnThread(static () => OperatingSystem.IsLinux() ? Try() : NeedsLinux);

    /// <summary>Opening a pool gives its thread another network namespace.</summary>
    private static T OnOwnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .GetAwaiter().GetResult();

    [SupportedOSPlatform("linux")]
    private static KernelRelease ReadRules() =>
        RunningKernel.Read() with { HasOneTablePerSocket = OnOwnThread(RefusesToListenOnceConnected) };

    /// <summary>Where the kernel cannot be played on, nothing asks for more than its release.</summary>
    private static bool RefusesToListenOnceConnected()
    {
        var parse = BindText.Parse("a = tcp connect 127.0.0.1:1\nlisten a\n");
        try
        {
            return Alone.Play(parse.Scenario!).Steps[^1].Kernel?.Result == "EINVAL";
        }
        catch (UnplayableException)
        {
            return false;
        }
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

/// <param name="turns">Who may play at the same moment: given up while nothing is played.</param>
/// <param name="progress">Told of waits; null for nobody.</param>
internal sealed class RealTime(RecordingOptions options, SemaphoreSlim turns, Action<PlayProgress>? progress,
    CancellationToken cancellation) : HostTime
{
    /// <summary>How often the host is looked at, so that what ends by itself is seen to end.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    /// <summary>How often when something is about to end.</summary>
    private static readonly TimeSpan ShortSlice = TimeSpan.FromMilliseconds(10);

    private const double SoonSeconds = 0.25;

    internal override bool IsReal => true;

    internal override bool Ends(TimeSpan span) => options.IsFast && span > RecordingOptions.FastWait;

    internal override void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> check)
    {
        var clock = Stopwatch.StartNew();
        turns.Release();
        try
        {
            var slice = Slice;
            // Its end is looked at, and told, in any case.
            for (var waited = TimeSpan.Zero; waited < span;)
            {
                var left = span - clock.Elapsed;
                if (left > TimeSpan.Zero)
                    cancellation.WaitHandle.WaitOne(
                        TimeSpan.FromMilliseconds(Math.Ceiling((left < slice ? left : slice).TotalMilliseconds)));
                cancellation.ThrowIfCancellationRequested();
                waited = clock.Elapsed;
                if (waited > span)
                    waited = span;
                var moment = check(waited);
                progress?.Invoke(moment);
                slice = moment.Sockets.Any(static row => row.SecondsLeft < SoonSeconds) ? ShortSlice : Slice;
            }
        }
        finally
        {
            turns.Wait(CancellationToken.None);
        }
    }
}
