using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios;

/// <summary>
/// Plays the steps of one scenario. Two implementations: the simulated host (the rule model on virtual time) and the live one (the
/// running kernel in a network namespace of its own). They must give the same results, always.
/// </summary>
/// <remarks>
/// <see cref="ExpectStep"/> never reaches a host: who plays judges it; nor does <see cref="RetryStep"/>, only its attempts and waits. What the namespace holds: lo, up, with 127.0.0.1/8 and ::1/128;
/// and for scenarios that name them, the veth pair v0 (192.0.2.1/24, 2001:db8::1/64) and v1 (198.51.100.1/24, 2001:db8:1::1/64), up.
/// </remarks>
internal interface IHost : IDisposable
{
    /// <summary>Plays one step; the steps of a scenario come in their order.</summary>
    /// <exception cref="UnplayableException">This host plays no such step.</exception>
    StepResult Play(Step step);
}

/// <summary>What a step gave, and on the model the rule and the sockets that decided.</summary>
/// <param name="Result"><c>ok</c> or an errno's name; <c>ENOSOCK</c> for a step on a name without a socket; a state's name or an endpoint's text for a step that asks for it.</param>
internal sealed record StepResult(string Result)
{
    /// <summary>The result of a step that succeeds.</summary>
    public const string Ok = "ok";

    /// <summary>The result of a step on a name that is closed, or was never made.</summary>
    public const string NoSocket = "ENOSOCK";

    /// <summary>The result of <see cref="StateStep"/> where nothing is left of the socket, or nothing was bound yet.</summary>
    public const string Closed = "CLOSED";

    /// <summary>The port in the result of <see cref="NameStep"/> that the system chose.</summary>
    public const string AutomaticPort = "auto";

    /// <summary>The id of the rule that decided (as BW004); null on the kernel, and where no rule was asked.</summary>
    public string? Rule { get; init; }

    /// <summary>The sockets that decided, as they are named: <c>a</c>, or <c>a by TIME_WAIT</c> for what is left of a closed one. Empty on the kernel.</summary>
    public ImmutableArray<string> Blockers { get; init; } = [];

    /// <summary>Why, in one sentence; empty on the kernel.</summary>
    public string Because { get; init; } = "";
}

/// <summary>What a host that can look into its own sockets tells beside its results: for the coverage of a run.</summary>
internal interface ISimulationTrace
{
    /// <summary>Every state that a socket of the scenario has been in so far.</summary>
    IReadOnlyCollection<TcpSocketState> StatesReached { get; }
}

/// <summary>A host cannot play a scenario, or plays no such step: not an answer, and no fault of the scenario. Its message is one line.</summary>
internal class UnplayableException : Exception
{
    /// <summary>Makes one with .NET's default message.</summary>
    public UnplayableException()
    {
    }

    /// <summary>With a message of one line.</summary>
    public UnplayableException(string message)
        : base(message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public UnplayableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Of a step that a host does not know.</summary>
    /// <param name="step">The step.</param>
    /// <param name="host">Where it was to be played: <c>the model</c>, <c>the kernel</c>.</param>
    public static UnplayableException Of(Step step, string host) =>
        new($"{host} plays no {StepOps.Of(step)}; leave the step out, or play the scenario elsewhere (--on)");
}
