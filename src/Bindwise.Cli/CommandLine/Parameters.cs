namespace Bindwise.Cli.CommandLine;

/// <summary>An option that takes one value each time, and can be given several times.</summary>
internal sealed class ListOption : Option<string[]>
{
    /// <param name="name">As <c>--port</c>.</param>
    /// <param name="value">What a value is, as <c>OLD=NEW</c>.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    public ListOption(string name, string value, string description)
        : base(name)
    {
        HelpName = value;
        Description = description;
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
    }
}
