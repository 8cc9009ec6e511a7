using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Proving;

/// <summary>Where claims are proved.</summary>
/// <param name="Stage">Where their cases are played.</param>
/// <param name="Where">What the verdicts speak of.</param>
public sealed record ProofRequest(ICaseHosts Stage, ProofSystem Where);
