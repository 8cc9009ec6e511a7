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

    /// <summary>The sockets that decided, as they are named: <c>a</c>, or <c>a by TIME_WAIT</c> for what is left of a closed one. Empty on
    /// the kernel.</summary>
    public ImmutableArray<string> Blockers { get; init; } = [];

    /// <summary>Why, in one sentence; empty on the kernel.</summary>
    public string Because { get; init; } = "";
}

/// <summary>What one step gave on the host it was played on, or on both.</summary>
/// <param name="Model">What the model said; null where only the kernel played.</param>
/// <param name="Kernel">What the kernel said; null where only the model played.</param>
internal sealed record StepOutcome(Step Step, StepResult? Model, StepResult? Kernel)
{
    /// <summary>The result of an expectation that was not met.</summary>
    public const string NotMet = "EXPECT";

    /// <summary>The result that counts: the kernel's where it played, else the model's.</summary>
    public string Result => (Kernel ?? Model)?.Result ?? StepResult.Ok;

    /// <summary>The id of the rule that decided, as the model has it; null where no rule was asked or no model played.</summary>
    public string? Rule => Model?.Rule;

    /// <summary>The sockets that decided, as the model has them.</summary>
    public ImmutableArray<string> Blockers => Model?.Blockers ?? [];

    /// <summary>Why, in one sentence; empty where there is nothing to say.</summary>
    public string Because => Model is { Because.Length: > 0 } model ? model.Because : Kernel?.Because ?? "";

    /// <summary>Model and kernel said different things. An expectation is no call, so it never is one: the step that it speaks of may
    /// be.</summary>
    public bool IsMismatch => Step is not ExpectStep && Model is not null && Kernel is not null && Model.Result != Kernel.Result;

    /// <summary>An expectation that was not met, on either host.</summary>
    public bool IsFailedExpectation => Step is ExpectStep && (Model?.Result == NotMet || Kernel?.Result == NotMet);
}
