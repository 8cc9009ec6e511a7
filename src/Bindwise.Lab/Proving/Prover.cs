using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Proving;

/// <summary>
/// Plays the cases of claims and judges them. Those that wait longest begin first, all side by side, so that together they take little
/// longer than the longest.
/// </summary>
internal sealed class Prover(ProofRequest request)
{
    private readonly object _gate = new();
    private readonly List<Trial> _trials = [];
    private int _answered;
    private bool _isOver;

    /// <summary>How many cases are played, and how long the longest wait still takes; may be read while <see cref="Prove"/> runs.</summary>
    public ProofProgress Progress { get; } = new();

    /// <summary>Proves all of them, once. An exception of the hosts or of the answer ends the play and is thrown.</summary>
    /// <param name="answer">Takes each as soon as it and those before it are done, never two at once,
    /// on any thread; false ends the play.</param>
    public void Prove(IReadOnlyList<Claim> claims, Func<ClaimProof, bool> answer)
    {
        _trials.AddRange(claims.Select(static claim => new Trial(claim)));
        // What waits longest begins first; the others stay in their order.
        var parts = _trials.SelectMany(static trial => trial.Claim.Cases.Select((_, index) => new Part(trial, index)))
            .OrderByDescending(part => request.Hosts.WaitsOf(part.Case.Scenario).MostSeconds).ToList();
        Progress.Begin(parts.Count);
        using var cancellation = new CancellationTokenSource();
        try
        {
            request.Hosts.PlayAll([.. parts.Select(static part => part.Case.Scenario)],
                (index, play) => Give(parts[index], play, answer, cancellation),
                (_, moment) => Progress.Waits(moment), cancellation.Token);
        }
        catch (OperationCanceledException) when (_isOver)
        {
            // Nobody wants more.
        }
    }

    private void Give(Part part, RecordedPlay play, Func<ClaimProof, bool> answer, CancellationTokenSource cancellation)
    {
        Progress.Done(play);
        lock (_gate)
        {
            part.Trial.Cases[part.Index] = Proof(part.Case, play);
            part.Trial.Left--;
            while (!_isOver && _answered < _trials.Count && _trials[_answered].Left == 0)
            {
                var trial = _trials[_answered++];
                _isOver = !answer(new ClaimProof(trial.Claim, [.. trial.Cases!], request.Where));
            }
            if (_isOver)
                cancellation.Cancel();
        }
    }

    private static CaseProof Proof(ClaimCase part, RecordedPlay play)
    {
        var isVirtual = play.Kernel is { Steps: var steps, VirtualFrom: { } first } && first < steps.Length;
        var proof = new CaseProof(part, play.Result) { IsVirtual = isVirtual };
        return play.Result.Error is not null ? proof : proof with
        {
            Model = play.Model is null ? null : Around(proof.ClaimedOn(kernel: false), play.Model),
            Kernel = play.Kernel is null ? null : Around(proof.ClaimedOn(kernel: true), play.Kernel),
            Tries = (play.Kernel ?? play.Model) is { } record ? TriesOf(part.Scenario, record) : [],
        };
    }

    private static SocketsAround Around(ImmutableArray<ClaimedResult> claimed, Record record) => new(
        record.Steps.LastOrDefault(step => step.Index < claimed[0].StepIndex)?.Sockets ?? [],
        record.Steps.LastOrDefault(step => step.Index <= claimed[^1].StepIndex)?.Sockets ?? []);

    // An attempt stands for itself, and bears the retry's index.
    private static ImmutableArray<Tries> TriesOf(Scenario scenario, Record record) =>
    [
        .. record.Steps.Where(step => scenario.Steps[step.Index] is RetryStep && step.Step is not WaitStep)
            .GroupBy(static step => step.Index).Select(static tries =>
                new Tries(tries.Key, tries.Count(), (tries.Last().End - tries.First().Begin).TotalSeconds)),
    ];

    private sealed class Trial(Claim claim)
    {
        public Claim Claim => claim;

        public CaseProof?[] Cases { get; } = new CaseProof?[claim.Cases.Length];
        public int Left { get; set; } = claim.Cases.Length;
    }

    private sealed record Part(Trial Trial, int Index)
    {
        public ClaimCase Case => Trial.Claim.Cases[Index];
    }
}

/// <summary>The hosts on which claims are proved, and the system of which the verdicts speak.</summary>
internal sealed record ProofRequest(ICaseHosts Hosts, ProofSystem Where);

/// <summary>How far a run is; may be read on any thread.</summary>
internal sealed class ProofProgress
{
    private readonly object _gate = new();
    private volatile int _cases;
    private volatile int _done;
    private PlayProgress? _longest;

    /// <summary>How many cases there are to play; 0 until the run begins.</summary>
    public int Cases => _cases;

    /// <summary>How many cases have an answer, played or not.</summary>
    public int Played => _done;

    /// <summary>Of the waits on the kernel that which has most to go; null while none is told of.</summary>
    public PlayProgress? Longest
    {
        get
        {
            lock (_gate)
                return _longest;
        }
    }

    internal void Begin(int count) => _cases = count;

    internal void Done(RecordedPlay play)
    {
        Interlocked.Increment(ref _done);
        lock (_gate)
        {
            if (_longest?.Scenario == play.Result.Scenario)
                _longest = null;
        }
    }

    internal void Waits(PlayProgress moment)
    {
        lock (_gate)
        {
            if (_longest is null || ReferenceEquals(_longest.Scenario, moment.Scenario)
                || moment.Wait - moment.Waited > _longest.Wait - _longest.Waited)
                _longest = moment;
        }
    }
}

/// <summary>Where the cases of claims are played.</summary>
internal interface ICaseHosts
{
    /// <summary>How long a case waits there in real time.</summary>
    ScenarioWaits WaitsOf(Scenario scenario);

    /// <param name="done">Told of each play as it ends, with its index, on any thread, several at once.</param>
    /// <exception cref="OperationCanceledException">They were ended early.</exception>
    void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress,
        CancellationToken cancellation);
}

/// <summary>Where nothing is run: rules decide, on virtual time, one case after the other.</summary>
internal sealed class VirtualCaseHosts(Func<Scenario, RecordedPlay> play) : ICaseHosts
{
    /// <summary>On the rule model, with the rules of a release of Linux, and with all that happens below the calls.</summary>
    public static VirtualCaseHosts OfModel(KernelRelease kernel) => new(scenario => ModelRecorder.Play(scenario, kernel));

    public static VirtualCaseHosts OfDocuments(PlatformProfile platform)
    {
        var hosts = ScenarioHosts.DocumentsOf(platform);
        return new VirtualCaseHosts(scenario => new RecordedPlay(hosts.Play(scenario), Model: null, Kernel: null));
    }

    public ScenarioWaits WaitsOf(Scenario scenario) => default;

    public void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress,
        CancellationToken cancellation)
    {
        for (var index = 0; index < scenarios.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            done(index, play(scenarios[index]));
        }
    }
}
