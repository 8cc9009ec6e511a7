namespace Bindwise.Model.Scenarios;

/// <summary>What a step gave, and on the model the rule and the sockets that decided.</summary>
/// <param name="Result"><c>ok</c> or an errno's name; <c>ENOSOCK</c> for a step on a name without a socket; a state's name or an endpoint's
/// text for a step that asks for it.</param>
internal sealed record StepResult(string Result)
{
    public const string Ok = "ok";

    /// <summary>The result of a step on a name that is closed, or was never made.</summary>
    public const string NoSocket = "ENOSOCK";

    /// <summary>The result of <see cref="StateStep"/> where nothing is left of the socket, or nothing was bound yet.</summary>
    public const string Closed = "CLOSED";

    /// <summary>The port in the result of <see cref="NameStep"/> that the system chose.</summary>
    public const string AutomaticPort = "auto";

    /// <summary>The id of the rule that decided (as BW004); null on the kernel, and where no rule was asked.</summary>
    public string? Rule { get; init; }

    /// <summary>
    /// The sockets that decided, as they are named: <c>a</c>, or <c>a by TIME_WAIT</c> for what is
    /// left of a closed one. Empty on the kernel.
    /// </summary>
    public ImmutableArray<string> Blockers { get; init; } = [];

    /// <summary>Why, in one sentence; empty on the kernel.</summary>
    public string Because { get; init; } = "";
}
