using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios;

/// <summary>A list of steps, played in order on a host that starts empty: on the model, on the kernel, or on both.</summary>
/// <param name="Name">What it is called in results; may be empty.</param>
/// <param name="Steps">The steps, in order.</param>
public sealed record Scenario(string Name, ImmutableArray<Step> Steps)
{
    /// <summary>The most steps that one scenario may have.</summary>
    public const int MaximumSteps = 10_000;

    /// <summary>The system whose rules it is about; only <c>linux</c> can be played.</summary>
    public string Platform { get; init; } = "linux";

    /// <inheritdoc/>
    public bool Equals(Scenario? other) => other is not null && Name == other.Name && Platform == other.Platform && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Platform, Steps.Length);
}
