using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Proving;

/// <summary>Where claims are proved.</summary>
/// <param name="Stage">The hosts.</param>
/// <param name="Where">What the verdicts speak of.</param>
/// <param name="IsFast">Cases with a wait of more than a second are played on the model alone, whose time is virtual.</param>
public sealed record ProofRequest(Stage Stage, ProofSystem Where, bool IsFast = false);
