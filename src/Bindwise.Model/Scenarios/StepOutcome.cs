namespace Bindwise.Model.Scenarios;

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

    /// <summary>
    /// Model and kernel said different things. An expectation is no call, so it never is one: the step that it speaks of may be.
    /// </summary>
    public bool IsMismatch => Step is not ExpectStep && Model is not null && Kernel is not null && Model.Result != Kernel.Result;

    /// <summary>An expectation that was not met, on either host.</summary>
    public bool IsFailedExpectation => Step is ExpectStep && (Model?.Result == NotMet || Kernel?.Result == NotMet);
}
