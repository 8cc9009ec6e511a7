using Bindwise.Lab.Generating;

namespace Bindwise.Lab.Fuzzing;

/// <summary>Which scenario of a seed: seed, profile and index alone make it.</summary>
/// <param name="Profile">What it is about.</param>
/// <param name="Index">Its index in the profile, from 0.</param>
public readonly record struct ScenarioNumber(ScenarioProfile Profile, long Index);
