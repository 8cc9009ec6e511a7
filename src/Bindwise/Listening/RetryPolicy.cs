namespace Bindwise;

/// <summary>How long a bind is tried again, how often, and for which causes.</summary>
public sealed record RetryPolicy
{
    /// <summary>One attempt.</summary>
    public static RetryPolicy None { get; } = new();

    /// <summary>The longest time from the first attempt to the last; zero: one attempt.</summary>
    public TimeSpan Longest { get; init; }

    /// <summary>The pause behind the first attempt, more than zero; each further one is twice as long, with jitter, up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between two attempts, not below <see cref="FirstPause"/>.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What is waited for; anything else fails at once. What cannot end within <see cref="Longest"/> fails at once as well: a TIME_WAIT with
    /// 12 s left is not waited for by a policy of 10 s. Of a list or range of ports, what holds the first four decides.
    /// </summary>
    public WaitFor Causes { get; init; } = WaitFor.WhatEndsByItself | WaitFor.FormerInstance;

    /// <summary>
    /// Told before each pause what is waited for, so that a log can say why the program does not start yet; null for nobody. It is called on
    /// the thread that binds, which waits for it; what it throws ends the bind.
    /// </summary>
    public Action<BindWait>? Waiting { get; init; }

    /// <summary>Tries for so long.</summary>
    /// <param name="longest">From the first attempt to the last; not negative.</param>
    /// <param name="causes">What is waited for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="longest"/> is negative.</exception>
    public static RetryPolicy For(TimeSpan longest, WaitFor causes = WaitFor.WhatEndsByItself | WaitFor.FormerInstance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.Zero);
        return new RetryPolicy { Longest = longest, Causes = causes };
    }
}
