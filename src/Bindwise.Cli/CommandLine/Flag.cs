namespace Bindwise.Cli.CommandLine;

internal sealed class Flag : Option<bool>
{
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
