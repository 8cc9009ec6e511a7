namespace Bindwise;

/// <summary>How long and how often to retry a bind, and for which reasons.</summary>
public sealed record BindRetryOptions
{
    /// <summary>One attempt: an address in use fails at once.</summary>
    public static BindRetryOptions None { get; } = new();

    /// <summary>The longest time from the first attempt to the last; zero: one attempt;
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: no limit.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The delay after the first attempt, more than zero; it doubles each time, with jitter, up to
    /// <see cref="MaxDelay"/>.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest delay between two attempts, not below <see cref="InitialDelay"/>.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What to wait for; anything else fails at once. So does what cannot end within <see cref="Timeout"/>: a limit of 10 s does
    /// not wait for a TIME_WAIT that has 12 s left. For a list or range of ports, what holds the first four decides.</summary>
    public BindRetryReasons RetryOn { get; init; } = BindRetryReasons.WhatEndsByItself | BindRetryReasons.FormerInstance;

    /// <summary>Called before each delay with what is in the way, so a log can say why the program does not start yet; null for none. It
    /// runs on the thread that binds; an exception from it ends the bind.</summary>
    public Action<BindRetryContext>? OnRetry { get; init; }

    /// <summary>The clock of the waiting: its timestamps measure the time, its timers end the delays. Tests give one that does not wait.
    /// What the kernel's own timers take is real time, whatever this says.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Retries for a given time.</summary>
    /// <param name="timeout">From the first attempt to the last; not negative, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="retryOn">What to wait for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative.</exception>
    public static BindRetryOptions For(TimeSpan timeout,
        BindRetryReasons retryOn = BindRetryReasons.WhatEndsByItself | BindRetryReasons.FormerInstance)
    {
        if (timeout != System.Threading.Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return new BindRetryOptions { Timeout = timeout, RetryOn = retryOn };
    }
}

/// <summary>A bind that failed and will be tried again, passed to <see cref="BindRetryOptions.OnRetry"/>.</summary>
public sealed record BindRetryContext
{
    /// <summary>The failed attempt, with its diagnosis. It is passed, not thrown.</summary>
    public required BindException Failure { get; init; }

    /// <summary>How long until the next attempt, with jitter; if a kernel timer is in the way, until it expires.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>How much time is left for further attempts: more than zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public required TimeSpan Remaining { get; init; }
}
