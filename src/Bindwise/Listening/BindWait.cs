namespace Bindwise;

/// <summary>A bind that failed and will be tried again, as <see cref="RetryPolicy.Waiting"/> is told.</summary>
/// <param name="Failure">The attempt that failed, with its diagnosis. It is told, not thrown.</param>
/// <param name="Pause">How long until the next attempt, with jitter; where a timer of the kernel is in the way, until its end.</param>
/// <param name="Left">How long it may still be tried again; more than zero.</param>
public sealed record BindWait(BindException Failure, TimeSpan Pause, TimeSpan Left);
