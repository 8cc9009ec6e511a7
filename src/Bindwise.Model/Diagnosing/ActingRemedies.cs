using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>Remedies for another program, carried out where it lives: in its network namespace, with the question asked again for it.</summary>
internal static class ActingRemedies
{
    private const string Sudo = "sudo ";

    /// <summary>What looks at or changes a network namespace, and so has to run in the right one.</summary>
    private static readonly string[] OfTheNetwork = ["sysctl -w net.", "ip ", "ss "];

    public static IEnumerable<Remedy> Adapt(IEnumerable<Remedy> remedies, ActingAs? program) =>
        program is null ? remedies : remedies.Select(remedy => remedy with { Command = remedy is { Command: { } command, Id: not ElsewhereFinder.AskThere } ? Adapt(command, program) : remedy.Command });

    private static string Adapt(string command, ActingAs program)
    {
        var bare = command.StartsWith(Sudo, StringComparison.Ordinal) ? command[Sudo.Length..] : command;
        if (bare.StartsWith("bindwise why ", StringComparison.Ordinal))
            return $"{command} {program.Asked}";
        return program.IsOtherNetwork && program.NetworkPath is { } path && Array.Exists(OfTheNetwork, start => bare.StartsWith(start, StringComparison.Ordinal))
            ? $"{Sudo}nsenter --net={ShellQuoting.Quote(path)} {bare}"
            : command.Replace("/path/to/program", program.Process?.Executable is { } executable ? ShellQuoting.Quote(executable) : "/path/to/program", StringComparison.Ordinal);
    }
}
