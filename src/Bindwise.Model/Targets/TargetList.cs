using System.Collections.Immutable;

namespace Bindwise.Model.Targets;

/// <summary>What one text names: a typed target is one; a pasted error may tell of several.</summary>
public sealed record TargetList
{
    /// <summary>The most that a text is answered for.</summary>
    public const int Maximum = 8;

    /// <summary>The targets in the order of the text, each once: 1 to <see cref="Maximum"/>.</summary>
    public required ImmutableArray<Target> Targets { get; init; }

    /// <summary>How many more the text names.</summary>
    public int LeftOut { get; init; }

    /// <summary>The one to take where only one can be asked: the first that is named with its address and port.</summary>
    public required Target First { get; init; }

    internal static TargetList Of(Target target) => new() { Targets = [target], First = target };

    internal static TargetList Of(ImmutableArray<Target> named, Target first) => new()
    {
        Targets = named[..Math.Min(named.Length, Maximum)],
        LeftOut = Math.Max(0, named.Length - Maximum),
        First = first,
    };
}
