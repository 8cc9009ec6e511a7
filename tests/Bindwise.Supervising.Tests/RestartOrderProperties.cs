using Bindwise.Model.Restarting;
using Bindwise.Supervising.Restarting;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Supervising.Tests;

/// <summary>What holds in every order of events: no start is lost, none is double, a stop is final.</summary>
[Trait("Seed", "any")]
public sealed class RestartOrderProperties
{
    private static readonly Config Many = Seed.Config.WithMaxTest(4000).WithEndSize(120);

    [Fact]
    public void AnyOrder_StartsNothingTwiceAndNothingAfterAStop() => Prop.ForAll(Orders, order =>
    {
        var host = new RandomHost(order.Policy, order.Overlaps);
        foreach (var choice in order.Choices)
            host.Happen(choice);
        // What is checked at each step is in the host.
    }).Check(Many);

    [Fact]
    public void AnyOrder_WithARestartAskedFor_IsFollowedByAStart() => Prop.ForAll(Orders, order =>
    {
        var host = new RandomHost(order.Policy, order.Overlaps);
        foreach (var choice in order.Choices)
            host.Happen(choice);
        if (host.IsStopping || host.State.IsOver || host.CannotBeExecuted || host.State is { InterruptedAt: not null, Starts: [{ End: not null }] })
            return;
        var before = host.State.NextId;
        host.Take(new RestartEvent.RestartAsked("SIGHUP"));
        // It may be a restart that was under way and has not begun.
        for (var rounds = 0; host.State.NextId == before && rounds < 20; rounds++)
            host.EndAll();
        Assert.True(host.State.NextId > before, $"no start followed: {host.State}");
    }).Check(Many);

    [Fact]
    public void AnyOrder_WithAStop_IsOverWhenAllHasEnded() => Prop.ForAll(Orders, order =>
    {
        var host = new RandomHost(order.Policy, order.Overlaps);
        foreach (var choice in order.Choices)
            host.Happen(choice);
        host.Take(order.Choices.Length % 2 == 0 ? new RestartEvent.StopAsked(SignalNames.Terminate) : new RestartEvent.Interrupted(IsTyped: true));
        host.EndAll();
        Assert.True(host.State.IsOver, $"it is not over: {host.State}");
    }).Check(Many);

    [Fact]
    public void AnyOrder_NeverWaitsForAPastMoment() => Prop.ForAll(Orders, order =>
    {
        var host = new RandomHost(order.Policy, order.Overlaps);
        foreach (var choice in order.Choices)
        {
            host.Happen(choice);
            host.PassTime();
            Assert.True(host.State.DueAt is not { } due || due > host.Now, $"due again at once: {host.State}");
        }
    }).Check(Many);

    // Of starts that overlapped the newest decides if it was up, whichever ends last; else the one that ended last.
    [Fact]
    public void AnyOrder_EndsOrGoesOnAsThePolicySaysOfTheEndThatCounts() => Prop.ForAll(Orders, order =>
    {
        var host = new RandomHost(order.Policy, order.Overlaps);
        foreach (var choice in order.Choices)
            host.Happen(choice);
        if (!host.State.IsOver || host.IsStopping || host.State.InterruptedAt is not null || host.CannotBeExecuted || host.Decisive is not { } exitCode)
            return;
        Assert.Equal(exitCode, host.State.ExitCode);
        Assert.False(host.Wants(exitCode), $"{exitCode} is the end of it: {host.State}");
    }).Check(Many);

    private sealed record Order(RestartPolicy Policy, bool Overlaps, int[] Choices);

    private static Arbitrary<Order> Orders => (
        from policy in Gen.Elements(Enum.GetValues<RestartPolicy>())
        from overlaps in Gen.Elements(false, true)
        from choices in Gen.Choose(0, RandomHost.Choices - 1).ArrayOf()
        select new Order(policy, overlaps, choices)).ToArbitrary();

    /// <summary>A host on which anything may happen next that could happen there.</summary>
    private sealed class RandomHost(RestartPolicy policy, bool overlaps)
    {
        public const int Choices = 40;

        private readonly HashSet<int> _running = [];
        private readonly HashSet<int> _known = [];
        private readonly Queue<RestartEvent> _news = [];

        // How the starts ended, and those of them that are gone since nothing was left the last time.
        private readonly Dictionary<int, (int ExitCode, bool WasUp)> _ends = [];
        private readonly List<int> _gone = [];

        public RestartState State { get; private set; } = new(new RestartRules("app", policy, overlaps, TimeSpan.FromSeconds(5)));

        public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

        public bool IsStopping { get; private set; }

        /// <summary>The exit code of the end that counts among those that are gone; null where none is.</summary>
        public int? Decisive => _gone.Count == 0 ? null : _ends[_ends[_gone.Max()].WasUp ? _gone.Max() : _gone[^1]].ExitCode;

        /// <summary>The first start found no program.</summary>
        public bool CannotBeExecuted { get; private set; }

        public void Happen(int choice)
        {
            var start = State.Starts.IsEmpty ? null : State.Starts[choice / 20 % State.Starts.Length];
            var id = start?.Id ?? 0;
            switch (choice % 20)
            {
                case 0 or 1:
                    Take(new RestartEvent.Begun());
                    break;
                case 2:
                    Take(new RestartEvent.Prepared(id, IsSupervised: true, HasPassedSockets: choice > 20, AreSocketsSeen: choice % 40 < 20));
                    break;
                case 3 or 4 when _running.Contains(id):
                    Take(new RestartEvent.Executed(id));
                    break;
                case 5 when _running.Contains(id) && start!.Phase == StartPhase.Opening:
                    CannotBeExecuted |= start.Reason is null;
                    Take(new RestartEvent.NotExecuted(id, "no such file"));
                    break;
                case 6 when _running.Contains(id):
                    Take(new RestartEvent.GotListener(id));
                    break;
                case 7 when _running.Contains(id):
                    Take(new RestartEvent.Listened(id));
                    break;
                case 8 or 9 when start is not null:
                    Take(new RestartEvent.Checked(id, choice > 10, choice > 30));
                    break;
                case 10 or 11 when _running.Contains(id):
                    End(id, choice / 20);
                    break;
                case 12:
                    Take(new RestartEvent.FellSilent(id));
                    break;
                case 13:
                    Take(new RestartEvent.RestCounted(id, choice / 20));
                    break;
                case 14 or 15:
                    Take(new RestartEvent.RestartAsked("SIGHUP"));
                    break;
                case 16 when choice > 30:
                    Take(new RestartEvent.StopAsked(choice % 2 == 0 ? SignalNames.Terminate : null));
                    break;
                case 16:
                    Take(new RestartEvent.Interrupted(IsTyped: id % 2 == 0));
                    break;
                case 17:
                    Take(new RestartEvent.SignalCame(10));
                    break;
                case 18 when choice > 30:
                    Take(new RestartEvent.QuitTyped());
                    break;
                default:
                    Now += TimeSpan.FromMilliseconds(choice * 40);
                    PassTime();
                    break;
            }
        }

        /// <summary>As the loop does: time has passed, and it is looked what the starts have.</summary>
        public void PassTime()
        {
            Take(new RestartEvent.TimePassed());
            foreach (var start in State.Starts)
                Take(new RestartEvent.Checked(start.Id, false, false));
        }

        /// <summary>Whatever runs ends, and time passes until what is due then has happened.</summary>
        public void EndAll()
        {
            foreach (var id in _running.ToArray())
                End(id, 1);
            foreach (var start in State.Starts)
            {
                Take(new RestartEvent.FellSilent(start.Id));
                Take(new RestartEvent.RestCounted(start.Id, 0));
            }
            if (State.DueAt is { } due)
                Now = due > Now ? due : Now;
            PassTime();
        }

        public void Take(RestartEvent what)
        {
            IsStopping |= what is RestartEvent.StopAsked || (what is RestartEvent.Interrupted or RestartEvent.QuitTyped && State.Starts.IsEmpty);
            _news.Enqueue(what);
            while (_news.TryDequeue(out var next))
            {
                (State, var effects) = RestartMachine.Step(State, next, Now);
                foreach (var effect in effects)
                    Do(effect);
            }
        }

        public bool Wants(int exitCode) => policy == RestartPolicy.Always || (policy == RestartPolicy.OnFailure && exitCode != 0);

        private void End(int id, int exitCode)
        {
            _running.Remove(id);
            _ends[id] = (exitCode, State.Starts.First(one => one.Id == id).WasReady);
            Take(new RestartEvent.Exited(id, exitCode, 0));
        }

        private void Do(RestartEffect effect)
        {
            switch (effect)
            {
                case RestartEffect.Spawn one:
                    Assert.False(IsStopping, "a start after the stop");
                    Assert.True(_known.Add(one.Id), "a number given twice");
                    // One that is to overlap may find the old one already ending.
                    Assert.True(_running.Count <= (overlaps ? 1 : 0), $"{_running.Count} run already");
                    // Nobody asked for it.
                    if (State.Starts is [{ Reason: { } reason }] && reason.StartsWith("ended ", StringComparison.Ordinal) && Decisive is { } exitCode)
                        Assert.True(Wants(exitCode), $"started again after {exitCode}");
                    if (State.Starts.Length == 1)
                        _gone.Clear();
                    if (one.Id % 7 == 6)
                    {
                        _news.Enqueue(new RestartEvent.NotSpawned(one.Id, "EAGAIN"));
                        break;
                    }
                    _running.Add(one.Id);
                    _news.Enqueue(new RestartEvent.Spawned(one.Id, 100 + one.Id));
                    break;
                case RestartEffect.Send one:
                    Assert.Contains(one.Id, _running);
                    break;
                case RestartEffect.CountRest one:
                    Assert.Contains(one.Id, _known);
                    Assert.DoesNotContain(one.Id, _running);
                    break;
                case RestartEffect.CheckListener one:
                    Assert.Contains(one.Id, _running);
                    if (one.Id % 2 == 0)
                        _news.Enqueue(new RestartEvent.Listened(one.Id));
                    break;
                case RestartEffect.Forget one:
                    Assert.DoesNotContain(one.Id, _running);
                    _gone.Add(one.Id);
                    break;
            }
        }
    }
}
