namespace Bindwise.Kernel.Tests.Simulation;

/// <summary>
/// Plays on the kernel within the test process, beside no other test: one that starts a program forks, and until its exec() the child
/// holds a copy of every socket here, so that a close() frees no port.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "alone";
}
