using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Rules;

/// <summary>What bind() asks of the host beside the sockets: its families, sysctls and addresses.</summary>
internal sealed record BindEnvironment
{
    /// <summary>The sysctls.</summary>
    public required HostSettings Settings { get; init; }

    /// <summary>The interfaces with their addresses.</summary>
    public ImmutableArray<InterfaceRecord> Interfaces { get; init; } = [];

    /// <summary>What the routes told of single addresses; they tell best, where they were asked.</summary>
    public ImmutableArray<AddressFact> AddressFacts { get; init; } = [];

    /// <summary>Those of a snapshot.</summary>
    public static BindEnvironment Of(Snapshot snapshot) => new()
    {
        Settings = snapshot.Settings,
        Interfaces = snapshot.Interfaces,
        AddressFacts = snapshot.AddressFacts,
    };
}
