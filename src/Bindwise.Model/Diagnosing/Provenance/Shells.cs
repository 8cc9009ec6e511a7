using System.Collections.Frozen;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Tells a shell at which a person types from one that runs a command or a script.</summary>
internal static class Shells
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "yash", "zsh");

    /// <summary>A shell that runs a command or a script, and ends with it or starts it again.</summary>
    public static bool IsScript(ProcessRecord process) => Are(process) && !IsInteractive(process);

    /// <summary>
    /// Options alone (<c>bash --login -i</c>): a person types. <c>-c</c>, or a script's name: a step in something that somebody else
    /// started.
    /// </summary>
    public static bool IsInteractive(ProcessRecord process) => Are(process)
        && process.Arguments.Skip(1).All(static argument => argument is ['-' or '+', ..]
            && (argument is ['-', '-', ..] || !argument.Contains('c', StringComparison.Ordinal)));

    /// <summary>A shell, whatever it runs; a script that its first line starts is called by its own name.</summary>
    public static bool Are(ProcessRecord process) => Names.Contains(process.Name) || Names.Contains(ProcessNames.InterpreterOf(process));
}
