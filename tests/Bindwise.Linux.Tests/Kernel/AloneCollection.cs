namespace Bindwise.Linux.Tests.Kernel;

/// <summary>
/// Tests that count what the whole process holds, or microseconds, or that close sockets and look at once: nothing else runs beside them.
/// A program that is started has copies of all descriptors until its exec().
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
