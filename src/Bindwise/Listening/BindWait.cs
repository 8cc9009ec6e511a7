namespace Bindwise;

/// <summary>A bind that failed and will be tried again, passed to <see cref="RetryPolicy.Waiting"/>.</summary>
/// <param name="Failure">The failed attempt, with its diagnosis. It is passed, not thrown.</param>
/// <param name="Pause">How long until the next attempt, with jitter; if a kernel timer is in the way, until it expires.</param>
/// <param name="Left">How much time is left for further attempts; more than zero.</param>
public sealed record BindWait(BindException Failure, TimeSpan Pause, TimeSpan Left);
