using Bindwise.Model.Platforms;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>A step about which a claim says something, and what one host gave.</summary>
/// <param name="Index">The index of the expectation that says it, from 0.</param>
/// <param name="Step">The step that decided: of those that the expectation covers the first that failed, else the last.</param>
/// <param name="StepIndex">Its index.</param>
/// <param name="Given">What it gave.</param>
/// <param name="Claimed">What the claim says that it gives.</param>
public sealed record ClaimedResult(int Index, Step Step, int StepIndex, StepResult Given, string Claimed)
{
    /// <summary>The result of a step that the documents of a system leave open.</summary>
    public const string Open = PlatformRuling.Unknown;

    /// <summary>The claim is right about it; null where the host has no answer.</summary>
    public bool? IsMet => Given.Result == Open ? null : Given.Result == Claimed;
}
