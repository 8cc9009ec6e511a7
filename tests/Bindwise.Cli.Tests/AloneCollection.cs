namespace Bindwise.Cli.Tests;

/// <summary>
/// Tests that ask who holds a socket of this process run alone: whenever another test starts a program, there is a copy of this process for a moment,
/// which holds its sockets too.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
