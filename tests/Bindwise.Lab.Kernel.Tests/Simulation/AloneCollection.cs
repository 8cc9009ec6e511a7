namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>
/// Plays whose instants are compared: beside no other test. (No test of this project starts a program by itself: until its exec() a child holds a
/// copy of every socket here, so that a close() frees no port. The processes of a scenario are started with this in mind.)
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "alone";
}

/// <summary>Plays that keep the processors busy: one after the other, beside those that wait.</summary>
[CollectionDefinition(Name)]
public sealed class BusyCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "busy";
}
