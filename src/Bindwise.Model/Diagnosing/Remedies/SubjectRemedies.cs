using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>Remedies for another program, carried out where it lives: in its network namespace, with the question asked again for it.</summary>
internal static class SubjectRemedies
{
    private const string Sudo = "sudo ";

    /// <summary>What looks at or changes a network namespace, and so has to run in the right one.</summary>
    private static readonly string[] OfTheNetwork = ["sysctl -w net.", "ip ", "ss "];

    private static readonly string[] Options = ["--user ", "--netns ", "--pid ", "--unit ", "--container "];

    public static IEnumerable<Remedy> Adapt(IEnumerable<Remedy> remedies, Subject? program) =>
        program is null ? remedies : remedies.Select(remedy => Right(remedy, program))
            .Select(remedy => remedy.Id != ElsewhereFinder.AskThere && ShellCommand.OfRemedy(remedy) is { } command ? remedy.Running(Adapt(command, program)) : remedy);

    /// <summary>A unit and a container get the right to bind low ports from what starts them, not by their file.</summary>
    private static Remedy Right(Remedy remedy, Subject program) => remedy.Id != "grant-capability" ? remedy : program switch
    {
        { Unit: { } unit } when program.UserId != 0 => remedy.Running(Edit(unit)) with
        {
            Text = "Give the unit the right to bind low ports: under [Service] the line AmbientCapabilities=CAP_NET_BIND_SERVICE.",
            Changes = "the unit, from its next start on",
            Risk = "none",
        },
        { Unit: { } unit } => remedy.Running(Edit(unit)) with
        {
            Text = "Keep CAP_NET_BIND_SERVICE in the unit's CapabilityBoundingSet=.",
            Changes = "the unit, from its next start on",
            Risk = "none",
        },
        { Container: not null } => remedy.Running(null) with
        {
            Text = "Let every program in the container bind low ports: start it with the option --sysctl net.ipv4.ip_unprivileged_port_start=0.",
            Changes = "the container's own network namespace",
            Risk = "none outside of it",
        },
        _ => remedy,
    };

    private static ShellCommand? Edit(string unit) => NameGrammar.Unit.Word(unit) is { } word ? ShellCommand.Of($"sudo systemctl edit {word}") : null;

    private static ShellCommand? Adapt(ShellCommand command, Subject program)
    {
        var bare = command.After(Sudo) ?? command;
        if (bare.After("bindwise why ") is not null)
            return OptionsOf(program.Asked) is { } options ? ShellCommand.Of($"{command}{options}") : null;
        if (program.IsOtherNetwork && program.NetworkPath is { } path && Array.Exists(OfTheNetwork, start => bare.After(start) is not null))
            return NameGrammar.Path.Word(path) is { } file ? ShellCommand.Of($"sudo nsenter --net={file} {bare}") : null;
        return NameGrammar.Path.Word(program.Process?.Executable) is { } executable ? command.With("/path/to/program", executable) : command;
    }

    /// <summary>The options again, each with its value quoted; null where they are none of bindwise.</summary>
    private static ShellCommand? OptionsOf(string asked)
    {
        var line = ShellCommand.Empty;
        for (var rest = asked; rest.Length > 0;)
        {
            if (Array.Find(Options, option => rest.StartsWith(option, StringComparison.Ordinal)) is not { } option)
                return null;
            rest = rest[option.Length..];
            var end = Options.Select(next => rest.IndexOf(" " + next, StringComparison.Ordinal)).Where(static at => at >= 0).DefaultIfEmpty(rest.Length).Min();
            if (NameGrammar.OptionValue.Word(rest[..end]) is not { } value)
                return null;
            line = option switch
            {
                "--user " => $"{line} --user {value}",
                "--netns " => $"{line} --netns {value}",
                "--pid " => $"{line} --pid {value}",
                "--unit " => $"{line} --unit {value}",
                _ => $"{line} --container {value}",
            };
            rest = end < rest.Length ? rest[(end + 1)..] : "";
        }
        return line;
    }
}
