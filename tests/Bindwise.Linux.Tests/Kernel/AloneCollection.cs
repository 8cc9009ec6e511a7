namespace Bindwise.Linux.Tests.Kernel;

/// <summary>Tests that count what the whole process holds, or microseconds: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
