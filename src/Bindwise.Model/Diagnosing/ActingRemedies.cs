using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>Remedies for another program, carried out where it lives: in its network namespace, with the question asked again for it.</summary>
internal static class ActingRemedies
{
    private const string Sudo = "sudo ";

    /// <summary>What looks at or changes a network namespace, and so has to run in the right one.</summary>
    private static readonly string[] OfTheNetwork = ["sysctl -w net.", "ip ", "ss "];

    public static IEnumerable<Remedy> Adapt(IEnumerable<Remedy> remedies, ActingAs? program) =>
        program is null ? remedies : remedies.Select(remedy => Right(remedy, program)).Select(remedy => remedy with { Command = remedy is { Command: { } command, Id: not ElsewhereFinder.AskThere } ? Adapt(command, program) : remedy.Command });

    /// <summary>A unit and a container get the right to bind low ports from what starts them, not by their file.</summary>
    private static Remedy Right(Remedy remedy, ActingAs program) => remedy.Id != "grant-capability" ? remedy : program switch
    {
        { Unit: { } unit } when program.UserId != 0 => remedy with
        {
            Text = "Give the unit the right to bind low ports: under [Service] the line AmbientCapabilities=CAP_NET_BIND_SERVICE.",
            Command = $"{Sudo}systemctl edit {ShellQuoting.Quote(unit)}",
            Changes = "the unit, from its next start on",
            Risk = "none",
        },
        { Unit: { } unit } => remedy with
        {
            Text = "Keep CAP_NET_BIND_SERVICE in the unit's CapabilityBoundingSet=.",
            Command = $"{Sudo}systemctl edit {ShellQuoting.Quote(unit)}",
            Changes = "the unit, from its next start on",
            Risk = "none",
        },
        { Container: not null } => remedy with
        {
            Text = "Let every program in the container bind low ports: start it with the option --sysctl net.ipv4.ip_unprivileged_port_start=0.",
            Command = null,
            Changes = "the container's own network namespace",
            Risk = "none outside of it",
        },
        _ => remedy,
    };

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
