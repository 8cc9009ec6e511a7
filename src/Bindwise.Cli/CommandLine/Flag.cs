namespace Bindwise.Cli.CommandLine;

internal sealed class Flag : Option<bool>
{
    public Flag(string name, string description, params string[] aliases)
        : base(name, aliases)
    {
        Description = description;
        Arity = ArgumentArity.Zero;
    }

    /// <exception cref="UsageException">More than one of them was given.</exception>
    public static void AllowOne(ParseResult parsed, params Flag[] flags)
    {
        if (flags.Count(flag => parsed.GetValue(flag)) > 1)
            throw new UsageException($"{string.Join(", ", flags[..^1].Select(static flag => flag.Name))} and {flags[^1].Name} exclude each "
                + "other: give one of them");
    }
}
