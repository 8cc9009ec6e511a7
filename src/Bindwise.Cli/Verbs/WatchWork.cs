using System.Runtime.Versioning;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Watching;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// Answers what the screen asks, on a thread of its own so that the screen goes on: <c>why</c>, and <c>free</c> by the same code as those
/// verbs. One question at a time; a new one ends the one before.
/// </summary>
/// <param name="report">Takes the answers, on that thread.</param>
[SupportedOSPlatform("linux")]
internal sealed class WatchWork(Action<WatchInput> report) : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    // Longer than a look takes; whoever quits does not wait for more.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private CancellationTokenSource _cancellation = new();
    private Thread? _thread;

    // Of the plan that is being asked about; only the thread of the last question touches it, and after it ended the next one.
    private PortRelease? _release;

    public void Do(WatchEffect effect)
    {
        switch (effect)
        {
            case WatchEffect.Ask ask:
                Begin(cancellation => Ask(ask, cancellation));
                break;
            case WatchEffect.Plan plan:
                Begin(cancellation => Plan(plan, cancellation));
                break;
            case WatchEffect.Release release:
                // The plan's thread has ended: it was answered.
                Begin(cancellation => Release(release, cancellation), keepsRelease: true);
                break;
            case WatchEffect.Forget:
                Begin(static _ => { });
                break;
        }
    }

    public void Dispose()
    {
        _cancellation.Cancel();
        if (_thread?.Join(Patience) != false)
            _release?.Dispose();
    }

    private void Begin(Action<CancellationToken> work, bool keepsRelease = false)
    {
        if (!keepsRelease)
            _cancellation.Cancel();
        var (before, cancellation) = (_thread, _cancellation = new CancellationTokenSource());
        var thread = new Thread(() =>
        {
            before?.Join();
            if (!keepsRelease)
            {
                _release?.Dispose();
                _release = null;
            }
            if (!cancellation.IsCancellationRequested)
                work(cancellation.Token);
        })
        { IsBackground = true, Name = "bindwise answer" };
        thread.Start();
        // One that was refused is no thread that could be waited for.
        _thread = thread;
    }

    private void Ask(WatchEffect.Ask ask, CancellationToken cancellation)
    {
        var (diagnosis, fault) = Try(() => PortDiagnostics.Diagnose(QueryOf(ask.About) with { Verbose = true }, cancellation));
        report(new WatchInput.Answered(ask.Question, diagnosis, fault));
    }

    private void Plan(WatchEffect.Plan plan, CancellationToken cancellation)
    {
        var request = new FreeRequest
        {
            Query = QueryOf(plan.About),
            Sockets = plan.About.Sockets,
            GracePeriod = Grace,
            Settle = Settle,
            // The plan names the user, and is asked about.
            MayEndOthers = true,
        };
        (_release, var fault) = Try(() => PortRelease.Prepare(request, cancellation));
        report(new WatchInput.Planned(plan.Question, _release?.Plan, fault));
    }

    private void Release(WatchEffect.Release asked, CancellationToken cancellation)
    {
        var (result, fault) = Try(() =>
        {
            var release = _release!;
            foreach (var action in asked.Excluded)
                release.Exclude(action);
            return release.Execute(step => report(new WatchInput.Stepped(asked.Question, step)), cancellation);
        });
        report(new WatchInput.Released(asked.Question, result, fault));
    }

    private static PortQuery QueryOf(WatchQuestion asked) =>
        new() { Target = asked.Target, Options = ProgramOptions.None with { Device = asked.Device } };

    private static (T? Value, string? Fault) Try<T>(Func<T> act)
        where T : class
    {
        try
        {
            return (act(), null);
        }
        catch (PortQueryException exception)
        {
            return (null, exception.Message);
        }
        catch (OperationCanceledException)
        {
            return (null, "interrupted");
        }
    }
}

/// <summary>What comes to the screen from its threads, in order; of looks only the newest waits, and of events a bounded number.</summary>
internal sealed class WatchInbox
{
    private const int MostEvents = 4096;

    private readonly object _gate = new();
    private bool _isAwake;
    private List<WatchInput> _waiting = [];
    private int _censusAt = -1;
    private int _events;
    private long _lost;

    public void Add(WatchInput input)
    {
        lock (_gate)
        {
            if (input is WatchInput.Happened && ++_events > MostEvents)
            {
                _lost++;
                return;
            }
            if (input is WatchInput.CensusRead && _censusAt >= 0)
            {
                _waiting[_censusAt] = input;
                return;
            }
            if (input is WatchInput.CensusRead)
                _censusAt = _waiting.Count;
            _waiting.Add(input);
            Awake();
        }
    }

    public void Wake()
    {
        lock (_gate)
            Awake();
    }

    /// <summary>Waits until something is there, or it was woken; takes all of it.</summary>
    public ImmutableArray<WatchInput> Take()
    {
        lock (_gate)
        {
            while (!_isAwake)
                Monitor.Wait(_gate);
            _isAwake = false;
            var taken = _waiting;
            if (_lost > 0)
                taken.Add(new WatchInput.Happened(new PortEvent { Time = DateTimeOffset.Now, Kind = PortEventKind.Lost, Count = _lost }));
            (_waiting, _censusAt, _events, _lost) = ([], -1, 0, 0);
            return [.. taken];
        }
    }

    private void Awake()
    {
        _isAwake = true;
        Monitor.Pulse(_gate);
    }
}
