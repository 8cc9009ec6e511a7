using System.Diagnostics;
using System.Runtime.Versioning;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Proving;
using Bindwise.Lab.Recording;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;

namespace Bindwise.Lab.Kernel;

/// <summary>
/// Plays scenarios, and keeps what happens below their system calls: each on the kernel in a network namespace of its own, on a thread of
/// its own. May be used on several threads at once.
/// </summary>
internal sealed class RecordingPlayer(RecordingOptions options) : IDisposable
{
    /// <summary>No connection or datagram is there: on a busy machine the one that is awaited may still be on its way.</summary>
    private const string NotYet = "EAGAIN";

    private readonly SemaphoreSlim _processors = new(Environment.ProcessorCount);
    private readonly SemaphoreSlim _room = new(Math.Max(1, options.AtOnce));

    /// <param name="progress">Told of waits on the kernel, on another thread; null for nobody.</param>
    /// <param name="cancellation">Ends it within some tenths of a second.</param>
    /// <exception cref="OperationCanceledException">It was ended early; nothing of it is left.</exception>
    public RecordedPlay Play(Scenario scenario, Action<PlayProgress>? progress = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var model = options.OnModel || options.IsFast ? ModelRecorder.Record(scenario, options.Kernel) : null;
        var began = Stopwatch.GetTimestamp();
        for (var plays = 1; ; plays++)
        {
            var kernel = OnOwnThread(() => RecordKernel(scenario, progress, cancellation), cancellation);
            var play = ResultAssembler.Compose(scenario, options.OnModel ? model : null, kernel, options.IsFast ? model : null);
            if (!play.Result.IsMismatch)
                return play;
            // What came too late proves nothing about the kernel, nor does what had not come yet.
            var isLate = play.Kernel!.HeldUp > HeldUpPlay.Slack;
            var mayBeLate = play.Kernel.Overtime > HeldUpPlay.Slack
                || play.Result.Steps.First(static step => step.IsMismatch).Kernel!.Result == NotYet;
            if (!isLate && !mayBeLate)
                return play;
            if (!HeldUpPlay.HasTime(plays, Stopwatch.GetElapsedTime(began), options.Patience))
                return isLate ? play with { Result = HeldUpPlay.TooBusy(play.Result, plays, play.Kernel.HeldUp) } : play;
            cancellation.WaitHandle.WaitOne(HeldUpPlay.PauseAfter(plays));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Plays many side by side: those that wait do not hold up the others.</summary>
    /// <param name="done">Told of each play as it ends, with its index, on any thread, several at once; null for nobody.</param>
    /// <exception cref="OperationCanceledException">They were ended early.</exception>
    public ImmutableArray<RecordedPlay> PlayAll(
        IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay>? done = null, Action<int, PlayProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var plays = new RecordedPlay[scenarios.Count];
        var faults = new Exception?[scenarios.Count];
        var threads = new List<Thread>(scenarios.Count);
        for (var next = 0; next < scenarios.Count && !cancellation.IsCancellationRequested; next++)
        {
            var index = next;
            // Waiting here keeps threads few; those under way release it at their end, cancelled or not.
            _room.Wait(CancellationToken.None);
            var thread = new Thread(() =>
            {
                try
                {
                    plays[index] = Play(scenarios[index], progress is null ? null : moment => progress(index, moment), cancellation);
                    done?.Invoke(index, plays[index]);
                }
                catch (Exception exception)
                {
                    faults[index] = exception;
                }
                finally
                {
                    _room.Release();
                }
            })
            { IsBackground = true, Name = "lab" };
            threads.Add(thread);
            thread.Start();
        }
        threads.ForEach(static thread => thread.Join());
        cancellation.ThrowIfCancellationRequested();
        if (Array.Find(faults, static fault => fault is not null) is { } first)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        return [.. plays];
    }

    public void Dispose()
    {
        _processors.Dispose();
        _room.Dispose();
    }

    private HostPlay RecordKernel(Scenario scenario, Action<PlayProgress>? progress, CancellationToken cancellation)
    {
        var system = new RecordedHost(IsKernel: true,
            OperatingSystem.IsLinux() ? $"Linux {RunningKernel.ReadName()}".TrimEnd() : "unknown");
        if (!OperatingSystem.IsLinux())
            return HostPlay.Failed(system, KernelHosts.NeedsLinux);
        _processors.Wait(cancellation);
        try
        {
            return RecordOnLinux(scenario, system, new RealTime(options, _processors, progress, cancellation), cancellation);
        }
        catch (LiveUnavailableException exception)
        {
            return HostPlay.Failed(system, exception.Message);
        }
        finally
        {
            _processors.Release();
        }
    }

    [SupportedOSPlatform("linux")]
    private static HostPlay RecordOnLinux(Scenario scenario, RecordedHost system, HostTime time, CancellationToken cancellation)
    {
        using var pool = LivePool.Open(cancellation);
        using var host = pool.Lease(ScenarioNeeds.Of(scenario), records: true);
        return HostPlay.Of(new HostRecording(scenario, host, time), system, () => host.Means);
    }

    private static T OnOwnThread<T>(Func<T> play, CancellationToken cancellation)
        where T : class
    {
        T? result = null;
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = play();
            }
            catch (Exception exception)
            {
                fault = exception;
            }
        })
        { IsBackground = true, Name = "lab kernel" };
        thread.Start();
        thread.Join();
        cancellation.ThrowIfCancellationRequested();
        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        return result!;
    }
}

/// <summary>Whether scenarios are recorded on the model too, how many at once, and whether long waits are played.</summary>
internal sealed record RecordingOptions
{
    /// <summary>A wait that is longer than this is left to the model where <see cref="IsFast"/>.</summary>
    public static readonly TimeSpan FastWait = TimeSpan.FromSeconds(1);

    public bool OnModel { get; init; } = true;

    /// <summary>The release of Linux whose rules the model has.</summary>
    public KernelRelease Kernel { get; init; } = KernelRelease.Documented;

    /// <summary>
    /// Waits of more than a second are not waited for: the kernel's record ends there and goes on with what the model says, on virtual time
    /// (<see cref="Record.VirtualFrom"/>). The model always plays then.
    /// </summary>
    public bool IsFast { get; init; }

    /// <summary>The plays that may be under way at once on the kernel; those that wait cost next to nothing.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>How long a scenario that the machine holds up is played again.</summary>
    public TimeSpan Patience { get; init; } = HeldUpPlay.Patience;
}

/// <summary>The cases of claims on the running kernel, or on kernel and model: with all that happens below the calls.</summary>
/// <param name="options">Whether on the model too, and whether long waits are left to it.</param>
internal sealed class RecordingCaseHosts(RecordingOptions options) : ICaseHosts
{
    public ScenarioWaits WaitsOf(Scenario scenario)
    {
        var waits = ScenarioWaits.Of(scenario);
        return options.IsFast && waits.MostSeconds > (decimal)RecordingOptions.FastWait.TotalSeconds ? default : waits;
    }

    public void PlayAll(
        IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress,
        CancellationToken cancellation)
    {
        using var player = new RecordingPlayer(options);
        player.PlayAll(scenarios, done, progress, cancellation);
    }
}

/// <summary>
/// A play that the machine held up. What came too late proves nothing about the kernel, so a play that differs from the model is played
/// again, after pauses that grow: what holds it up may be over by then.
/// </summary>
internal static class HeldUpPlay
{
    /// <summary>The plays of a scenario that takes long, on a busy machine.</summary>
    private const int FewestPlays = 3;

    /// <summary>
    /// No scenario waits closer than this to what it waits for, and the kernel sends nothing again before: a play that was held up for
    /// longer can give something else.
    /// </summary>
    internal static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a short scenario is played again, on a busy machine.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    /// <param name="elapsed">Since its first play began.</param>
    internal static bool HasTime(int plays, TimeSpan elapsed, TimeSpan patience) => plays < FewestPlays || elapsed < patience;

    /// <param name="plays">How many were held up so far, from 1.</param>
    internal static TimeSpan PauseAfter(int plays) => FirstPause * Math.Min(Math.Pow(2, plays - 1), LongestPause / FirstPause);

    internal static ScenarioResult TooBusy(ScenarioResult result, int plays, TimeSpan heldUp) => result with
    {
        Error = string.Create(CultureInfo.InvariantCulture,
            $"this machine is too busy: it held up {plays} plays, the last for {heldUp.TotalSeconds:0.0} s"),
    };
}
