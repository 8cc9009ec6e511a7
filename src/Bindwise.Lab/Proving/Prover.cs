using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Proving;

/// <summary>
/// Plays the cases of claims and judges them. Those that wait begin first, each on a thread of its own, so that all together take little
/// longer than the longest.
/// </summary>
/// <param name="request">Where to play.</param>
public sealed class Prover(ProofRequest request)
{
    /// <summary>From here on a wait is a long one, which <see cref="ProofRequest.IsFast"/> leaves to virtual time.</summary>
    public const decimal LongSeconds = 1;

    /// <summary>The threads for cases that wait: more than wait at once in the catalogue.</summary>
    private const int MostWaiters = 64;

    private readonly object gate = new();
    private readonly ConcurrentQueue<Part> waiting = new();
    private readonly ConcurrentQueue<Part> quick = new();
    private readonly List<Thread> threads = [];
    private ExceptionDispatchInfo? fault;

    /// <summary>How far it is.</summary>
    public ProofProgress Progress { get; } = new();

    /// <summary>Proves all of them, once. An exception of the stage ends the play and is thrown.</summary>
    /// <param name="claims">The claims.</param>
    /// <param name="answer">Takes each as soon as it and those before it are done, on the calling thread; false ends the play.</param>
    /// <exception cref="Bindwise.Linux.Live.LiveUnavailableException">The kernel is asked for and cannot be played on.</exception>
    public void Prove(IReadOnlyList<Claim> claims, Func<ClaimProof, bool> answer)
    {
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentNullException.ThrowIfNull(answer);
        using var cancellation = new CancellationTokenSource();
        var trials = new List<Trial>(claims.Count);
        foreach (var claim in claims)
            trials.Add(new Trial(claim));
        Sort(trials);
        Start(cancellation.Token);
        try
        {
            foreach (var trial in trials)
            {
                if (Await(trial) is not { } cases || !answer(new ClaimProof(trial.Claim, cases, request.Where)))
                    break;
            }
        }
        finally
        {
            cancellation.Cancel();
            threads.ForEach(static thread => thread.Join());
        }
        fault?.Throw();
    }

    private void Sort(List<Trial> trials)
    {
        var parts = new List<Part>();
        foreach (var trial in trials)
        {
            for (var index = 0; index < trial.Cases.Length; index++)
                parts.Add(new Part(trial, index, IsLong(trial.Claim.Cases[index])));
        }
        Progress.Begin(parts.Count);
        foreach (var part in parts)
            (part.IsLong && !request.IsFast ? waiting : quick).Enqueue(part);
    }

    private bool IsLong(ClaimCase part) => request.Stage.WaitsOf(part.Scenario).MostSeconds > LongSeconds;

    private void Start(CancellationToken cancellation)
    {
        for (var thread = Math.Min(waiting.Count, MostWaiters); thread > 0; thread--)
            Start(waiting, cancellation);
        for (var thread = Math.Min(quick.Count, request.Stage.Kernel is null ? 1 : Math.Clamp(2 * Environment.ProcessorCount, 2, 8)); thread > 0; thread--)
            Start(quick, cancellation);
    }

    private void Start(ConcurrentQueue<Part> parts, CancellationToken cancellation)
    {
        var thread = new Thread(() => Work(parts, cancellation)) { IsBackground = true, Name = "proof" };
        threads.Add(thread);
        thread.Start();
    }

    private void Work(ConcurrentQueue<Part> parts, CancellationToken cancellation)
    {
        try
        {
            using var player = new CasePlayer(request.Stage);
            while (!cancellation.IsCancellationRequested && parts.TryDequeue(out var part))
                Give(part, player.Play(part.Trial.Claim.Cases[part.Index], request.IsFast && part.IsLong, cancellation));
        }
        catch (Exception exception)
        {
            lock (gate)
            {
                fault ??= ExceptionDispatchInfo.Capture(exception);
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Give(Part part, CaseProof proof)
    {
        lock (gate)
        {
            part.Trial.Cases[part.Index] = proof;
            part.Trial.Left--;
            Progress.Done();
            Monitor.PulseAll(gate);
        }
    }

    // Null when a fault ended the play.
    private ImmutableArray<CaseProof>? Await(Trial trial)
    {
        lock (gate)
        {
            while (trial.Left > 0 && fault is null)
                Monitor.Wait(gate);
            if (fault is not null)
                return null;
        }
        var cases = ImmutableArray.CreateBuilder<CaseProof>(trial.Cases.Length);
        foreach (var proof in trial.Cases)
            cases.Add(proof!);
        return cases.MoveToImmutable();
    }

    private sealed class Trial(Claim claim)
    {
        public Claim Claim => claim;

        public CaseProof?[] Cases { get; } = new CaseProof?[claim.Cases.Length];

        public int Left { get; set; } = claim.Cases.Length;
    }

    private sealed record Part(Trial Trial, int Index, bool IsLong);
}
