namespace Bindwise.Model.Runtimes;

/// <summary>Which words of a runtime's command line lead to what it runs. Options that are not named stand alone.</summary>
internal sealed record ScriptWords
{
    /// <summary>Options that take the next argument as their value.</summary>
    public ImmutableArray<string> WithValue { get; init; } = [];

    /// <summary>Options before the script, the module or the jar.</summary>
    public ImmutableArray<string> BeforeScript { get; init; } = [];

    /// <summary>Options before code, which has no name.</summary>
    public ImmutableArray<string> BeforeCode { get; init; } = [];

    /// <summary>Words before the script that tell as much as it does.</summary>
    public ImmutableArray<string> Telling { get; init; } = [];

    /// <summary>Words before the script that say nothing.</summary>
    public ImmutableArray<string> Launchers { get; init; } = [];
}

/// <summary>Where in the command line of an interpreter stands what it runs.</summary>
/// <param name="From">The first argument that tells a person what runs.</param>
/// <param name="At">The script, the module, the jar or the main class; null for code on the command line, and where there is none.</param>
/// <param name="IsVerbatim">All from <paramref name="From"/> on tells something, such as the address of <c>php -S</c>.</param>
internal readonly record struct ScriptArgument(int From, int? At, bool IsVerbatim)
{
    /// <summary>Finds the script, module, jar or code in a command line.</summary>
    /// <param name="arguments">The command line, from the program's name on.</param>
    /// <returns>Null when the runtime is no interpreter, and when nothing is found.</returns>
    public static ScriptArgument? In(Runtime runtime, ImmutableArray<string> arguments)
    {
        if (RuntimeBook.WordsOf(runtime) is not { } words)
            return null;
        int? telling = null;
        for (var i = 1; i < arguments.Length && arguments[i].Length > 0; i++)
        {
            var argument = arguments[i];
            if (words.BeforeCode.Contains(argument))
                return new(telling ?? i, null, IsVerbatim: true);
            if (words.BeforeScript.Contains(argument) && i + 1 < arguments.Length)
                return new(telling ?? i, i + 1, telling is not null);
            var tells = words.Telling.Contains(argument);
            if (tells)
                telling ??= i;
            if (words.WithValue.Contains(argument))
                i++;
            else if (argument[0] is not ('-' or '@') && !tells && !words.Launchers.Contains(argument))
                return new(telling ?? i, i, telling is not null);
        }
        return telling is { } from ? new(from, null, IsVerbatim: true) : null;
    }
}
