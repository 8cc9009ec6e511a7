namespace Bindwise.Model.Scenarios;

/// <summary>
/// Tries a step again and again until it gives ok: the retry loop of a server that waits for its port. The result is the last attempt's.
/// Who plays the scenario does the looping; the hosts see single attempts and waits.
/// </summary>
/// <param name="Attempt">What is tried: a bind, a listen or a connect.</param>
/// <param name="EverySeconds">How long between two attempts, 0.01 to <see cref="ScenarioLimits.WaitSeconds"/>, whole milliseconds.</param>
/// <param name="ForSeconds">How long until it is given up, from <see cref="EverySeconds"/> to <see cref="ScenarioLimits.WaitSeconds"/>, whole milliseconds.</param>
public sealed record RetryStep(SocketStep Attempt, decimal EverySeconds, decimal ForSeconds) : Step;
