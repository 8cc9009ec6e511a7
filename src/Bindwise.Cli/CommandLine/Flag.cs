using System.CommandLine;

namespace Bindwise.Cli.CommandLine;

/// <summary>An option that takes no value.</summary>
internal sealed class Flag : Option<bool>
{
    /// <summary>Defines it.</summary>
    /// <param name="name">As <c>--json</c>.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    /// <param name="aliases">As <c>-q</c>.</param>
    public Flag(string name, string description, params string[] aliases)
        : base(name, aliases)
    {
        Description = description;
        Arity = ArgumentArity.Zero;
    }
}
