namespace Bindwise.Model.Planning;

/// <summary>One of several ways to run the same thing: ports with the same group and different choices are never open together.</summary>
/// <param name="Group">What is run in one of several ways, as the program of a folder.</param>
/// <param name="Choice">The way, as a launch profile.</param>
internal readonly record struct PlanAlternative(string Group, string Choice);
