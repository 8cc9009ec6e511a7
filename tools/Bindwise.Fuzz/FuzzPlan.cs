using System.Collections.Immutable;
using Bindwise.Fuzz.Generating;
using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz;

/// <summary>What a fuzz run plays, and for how long.</summary>
/// <param name="Seed">The seed that the scenarios come from.</param>
internal sealed record FuzzPlan(ulong Seed)
{
    /// <summary>From here on a run has played enough for a rule that was never met to be a fault.</summary>
    public const long EnoughToJudge = 20_000;

    /// <summary>How long to play; what has begun then is played to its end.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many scenarios at most; null for as many as the time allows.</summary>
    public long? Count { get; init; }

    /// <summary>What the scenarios are about; null for a mixture.</summary>
    public ScenarioProfile? Profile { get; init; }

    /// <summary>The release of Linux on which they are played.</summary>
    public KernelRelease Kernel { get; init; } = KernelRelease.Documented;

    /// <summary>Makes a scenario; always the same of the same number.</summary>
    internal Func<ScenarioNumber, Scenario> ScenarioOf { get; init; } =
        number => ScenarioGenerator.Generate(Seed, number.Index, number.Profile);

    /// <summary>The scenario of a number as the release can play it.</summary>
    internal Scenario PlayableOf(ScenarioNumber number) => ReleaseFilter.For(Kernel, ScenarioOf(number));

    /// <summary>The rules that the scenarios can reach.</summary>
    public ImmutableArray<Rule> Reachable { get; init; } = RuleBook.InScenarios;

    /// <summary>Those that only a scenario that waits can reach: a run too short for one cannot be blamed.</summary>
    public ImmutableArray<Rule> ReachedByWaiting { get; init; } = [ConnectionRuleBook.TimePassed];

    /// <summary>After so many different mismatches the run ends.</summary>
    public int MostMismatches { get; init; } = 10;

    /// <summary>How long to shrink one mismatch; one that waits takes as much for each round of its waits.</summary>
    public TimeSpan ShrinkTime { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>
/// Which scenarios a run plays, and when. On the model, where waits take no time, one in ten waits. On the kernel those that wait begin
/// in batches that share one wait, as long as the run lasts long enough for it; the quick ones go on beside them.
/// </summary>
/// <param name="plan">What was asked for.</param>
/// <param name="onKernel">Whether a wait takes time.</param>
/// <param name="mostWaiting">How many scenarios may wait at once.</param>
/// <param name="elapsed">How long the run has lasted.</param>
internal sealed class FuzzSchedule(FuzzPlan plan, bool onKernel, int mostWaiting, Func<TimeSpan> elapsed)
{
    private const int RoundOnTheModel = 20;

    // A batch begins within seconds, even on a slow machine.
    private const int RoundOnTheKernel = 4;

    // Each needs a namespace of its own, for its sysctl.
    private const int FinWait2Batch = 100;
    private const int TimeWaitBatch = 2_000;

    private readonly Batch _finWait2 = new(TimeSpan.FromSeconds(6), Math.Min(FinWait2Batch, mostWaiting / 8));
    private readonly Batch _timeWait = new(TimeSpan.FromSeconds(66), Math.Min(TimeWaitBatch, mostWaiting - (mostWaiting / 6)));

    /// <summary>The scenarios, each as late as it is asked for, until the run is over.</summary>
    internal IEnumerable<ScenarioNumber> Numbers()
    {
        var next = new long[Enum.GetValues<ScenarioProfile>().Length];
        for (long turn = 0; turn < (plan.Count ?? long.MaxValue); turn++)
        {
            var time = elapsed();
            var left = plan.Duration - time;
            if (left <= TimeSpan.Zero || (onKernel && plan.Profile is { } only && left < WaitOf(only)))
                yield break;
            var profile = plan.Profile ?? ProfileOf(turn, time, left);
            yield return new ScenarioNumber(profile, next[(int)profile]++);
        }
    }

    private TimeSpan WaitOf(ScenarioProfile profile) => profile switch
    {
        ScenarioProfile.TimeWait => _timeWait.Wait,
        ScenarioProfile.FinWait2 => _finWait2.Wait,
        _ => TimeSpan.Zero,
    };

    private ScenarioProfile ProfileOf(long turn, TimeSpan time, TimeSpan left)
    {
        var round = onKernel ? RoundOnTheKernel : RoundOnTheModel;
        var place = turn % round;
        return place == (round / 2) - 1 && (!onKernel || _finWait2.TryBegin(time, left)) ? ScenarioProfile.FinWait2
            : place == round - 1 && (!onKernel || _timeWait.TryBegin(time, left)) ? ScenarioProfile.TimeWait
            : ScenarioProfile.Quick;
    }

    private sealed class Batch(TimeSpan wait, int size)
    {
        private TimeSpan _began;
        private int _begun;

        public TimeSpan Wait => wait;

        // The first one needs more time than it waits, so that the last one is in time too; the next batch begins after this one.
        public bool TryBegin(TimeSpan time, TimeSpan left)
        {
            if (_begun > 0 && time - _began > wait * 1.2)
                _begun = 0;
            if (_begun >= size || left < (_begun == 0 ? wait * 1.4 : wait * 1.1))
                return false;
            if (_begun++ == 0)
                _began = time;
            return true;
        }
    }
}

/// <summary>Which scenario of a seed: seed, profile and index alone make it.</summary>
/// <param name="Profile">What it is about.</param>
/// <param name="Index">Its index in the profile, from 0.</param>
internal readonly record struct ScenarioNumber(ScenarioProfile Profile, long Index);
