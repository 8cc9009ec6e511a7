namespace Bindwise.Testing;

/// <summary>
/// A clock for tests of waiting: when somebody waits, it is at once as late as they wait for, so ten
/// seconds of retries take milliseconds. Give it to
/// <see cref="BindRetryOptions.TimeProvider"/>. Between waits it stands still. Thread-safe.
/// </summary>
/// <remarks>
/// Every timer counts as somebody who waits, in the order of the due times: a timeout that is to end a wait early fires first only if it is
/// due first. A periodic timer ticks once by itself; its further ticks come when others wait. What the kernel times, TIME_WAIT for
/// instance, goes on in real time.
/// </remarks>
/// <example>
/// <code>
/// var time = new AutoAdvanceTimeProvider();
/// time.RunAfter(TimeSpan.FromSeconds(5), holder.Dispose);
/// </code>
/// </example>
public sealed class AutoAdvanceTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _start;
    private readonly List<WaitingTimer> _timers = [];
    private readonly List<TimeSpan> _waits = [];
    private TimeSpan _elapsed;
    private long _order;
    private int _turn;
    private bool _isAdvancing;

    /// <summary>Begins at the first moment of the year 2000 (UTC).</summary>
    public AutoAdvanceTimeProvider()
        : this(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Begins at a moment of your choice.</summary>
    /// <param name="startDateTime">The moment.</param>
    public AutoAdvanceTimeProvider(DateTimeOffset startDateTime) => _start = startDateTime.ToUniversalTime();

    /// <summary>How much time has passed on this clock.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
                return _elapsed;
        }
    }

    /// <summary>
    /// How long each wait so far was to take, in the order in which they began; what <see cref="RunAfter"/> waits is not one.
    /// </summary>
    public System.Collections.Immutable.ImmutableArray<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
                return [.. _waits];
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;

    /// <summary>
    /// Runs an action once so much time has passed on this clock, before anybody who waits longer goes on: frees a port after the third
    /// attempt, for instance. By itself it moves nothing.
    /// </summary>
    /// <param name="delay">From now, zero or more.</param>
    /// <param name="action">The action, on a thread of the pool; what it throws ends the process, as in every timer.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    public void RunAfter(TimeSpan delay, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        lock (_gate)
            Add(new WaitingTimer(this, _ => action(), null) { Due = _elapsed + delay, Order = _order++, HoldsOthers = true });
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new WaitingTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    private void Set(WaitingTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        int turn;
        lock (_gate)
        {
            _ = _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return;
            (timer.Due, timer.Period, timer.Order, timer.Moves) = (_elapsed + dueTime,
                period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period, _order++, true);
            _waits.Add(dueTime);
            Add(timer);
            if (_isAdvancing)
                return;
            _isAdvancing = true;
            turn = ++_turn;
        }
        // Whoever made the timer returns first, and is woken by it then, as by the system's own.
        _ = ThreadPool.UnsafeQueueUserWorkItem(static at => at.Time.Advance(at.Turn), (Time: this, Turn: turn), preferLocal: false);
    }

    private void Add(WaitingTimer timer)
    {
        var index = _timers.FindIndex(other => (other.Due, other.Order).CompareTo((timer.Due, timer.Order)) > 0);
        _timers.Insert(index < 0 ? _timers.Count : index, timer);
    }

    private void Advance(int turn)
    {
        while (TakeNext(turn) is { } timer)
            timer.Fire();
    }

    private WaitingTimer? TakeNext(int turn)
    {
        lock (_gate)
        {
            if (turn != _turn)
                return null;
            // Those that move nothing run on the way to one that does.
            if (!_timers.Exists(static timer => timer.Moves))
            {
                _isAdvancing = false;
                return null;
            }
            var next = _timers[0];
            _timers.RemoveAt(0);
            _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
            if (next.Period > TimeSpan.Zero)
            {
                (next.Due, next.Order, next.Moves) = (_elapsed + next.Period, _order++, false);
                Add(next);
            }
            // What goes on in a callback may block on a timer that it makes: another turn fires that.
            _isAdvancing = next.HoldsOthers;
            return next;
        }
    }

    private bool Remove(WaitingTimer timer)
    {
        lock (_gate)
            return _timers.Remove(timer);
    }

    private sealed class WaitingTimer(AutoAdvanceTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        private bool _isDisposed;

        public TimeSpan Due { get; set; }
        public TimeSpan Period { get; set; }
        public long Order { get; set; }

        /// <summary>The clock goes on to its due time because of it.</summary>
        public bool Moves { get; set; }

        /// <summary>No other fires before its callback has returned.</summary>
        public bool HoldsOthers { get; init; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (Volatile.Read(ref _isDisposed))
                return false;
            Check(dueTime, nameof(dueTime));
            Check(period, nameof(period));
            time.Set(this, dueTime, period);
            return true;
        }

        public void Dispose()
        {
            Volatile.Write(ref _isDisposed, true);
            _ = time.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static void Check(TimeSpan value, string parameter)
        {
            if (value < TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
                throw new ArgumentOutOfRangeException(parameter, value, "Zero or more, or Timeout.InfiniteTimeSpan.");
        }
    }
}
