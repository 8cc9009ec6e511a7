namespace Bindwise.Model.Scenarios;

/// <summary>
/// A host cannot play a scenario, or plays no such step: not an answer, and no fault of the scenario. Its message is one line.
/// </summary>
internal class UnplayableException(string? message = null, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Of a step that a host does not know.</summary>
    /// <param name="host">Where it was to be played: <c>the model</c>, <c>the kernel</c>.</param>
    public static UnplayableException Of(Step step, string host) =>
        new($"{host} plays no {StepOps.Of(step)}; leave the step out, or play the scenario elsewhere (--on)");
}
