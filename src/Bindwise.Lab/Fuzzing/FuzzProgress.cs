namespace Bindwise.Lab.Fuzzing;

/// <summary>How far a run is.</summary>
/// <param name="Elapsed">How long it has played.</param>
/// <param name="Scenarios">How many scenarios it has played to their end.</param>
/// <param name="Waiting">How many have begun and not ended: mostly those that wait.</param>
/// <param name="Mismatches">How many were mismatches.</param>
/// <param name="IsShrinking">It plays nothing new and makes its findings small.</param>
public readonly record struct FuzzProgress(TimeSpan Elapsed, long Scenarios, long Waiting, long Mismatches, bool IsShrinking);
