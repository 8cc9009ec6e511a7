namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Tells a shell at which a person types from one that runs a command or a script.</summary>
internal static class Shells
{
    private static readonly HashSet<string> Names =
    [
        "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "yash", "zsh",
    ];

    private static readonly HashSet<string> OfBourne = ["ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"];

    /// <summary>Words of a loop in one of these shells, and what runs a text or a file that may have one.</summary>
    private static readonly HashSet<string> Repeating =
    [
        "while", "until", "for", "foreach", "select", "repeat", "loop", "eval", "source", ".",
    ];

    private static readonly char[] Separators = [' ', '\t', '\n', ';', '&', '|', '(', ')', '{', '}', '`', '$', '"', '\''];

    /// <summary>A shell that runs a command or a script, and ends with it or starts it again.</summary>
    public static bool IsScript(ProcessRecord process) => Are(process) && !IsInteractive(process);

    /// <summary>
    /// Options alone (<c>bash --login -i</c>): a person types. <c>-c</c>, or a script's name: a step in something that somebody else
    /// started.
    /// </summary>
    public static bool IsInteractive(ProcessRecord process) => Are(process) && !IsSureToEnd(process)
        && ProcessNames.ArgumentsOf(process).Skip(1).All(static argument => argument is ['-' or '+', ..]
            && (argument is ['-', '-', ..] || !argument.Contains('c', StringComparison.Ordinal)));

    /// <summary>
    /// Those of the Bourne family ignore SIGTERM where somebody types. One that does not reads a script from its standard input, or runs
    /// one that it forked for: a loop in the background, a file without a first line that names its interpreter.
    /// </summary>
    private static bool IsSureToEnd(ProcessRecord process) => process.Signals is { LeaveTerminate: true }
        && (OfBourne.Contains(process.Name) || OfBourne.Contains(ProcessNames.InterpreterOf(process)));

    /// <summary>
    /// It runs a text (<c>sh -c 'server; true'</c>) that has no loop: it starts nothing again, and goes on with the text after its command.
    /// Whether a script in a file has one is not known.
    /// </summary>
    public static bool RunsOnce(ProcessRecord process) => IsScript(process) && CommandOf(ProcessNames.ArgumentsOf(process)) is { } text
        && !text.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Any(Repeating.Contains);

    /// <summary>The text of <c>-c</c>; null where a script's name comes before it.</summary>
    private static string? CommandOf(ImmutableArray<string> arguments)
    {
        for (var at = 1; at < arguments.Length && arguments[at] is ['-' or '+', ..] option; at++)
        {
            if (option is "--rcfile" or "--init-file" or [_, .., 'o' or 'O'])
                at++;
            else if (option is not ['-', '-', ..] && option.Contains('c', StringComparison.Ordinal))
                return arguments.Skip(at + 1).FirstOrDefault(static argument => argument is not ['-' or '+', ..]);
        }
        return null;
    }

    /// <summary>A shell, whatever it runs; a script that its first line starts is called by its own name.</summary>
    public static bool Are(ProcessRecord process) => Names.Contains(process.Name) || Names.Contains(ProcessNames.InterpreterOf(process));
}
