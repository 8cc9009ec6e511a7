using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>An answer for another program: for whom it is, where its options come from, and how remedies reach it.</summary>
internal static class SubjectAnswer
{
    private const int BindService = 10;
    private const string Sudo = "sudo ";

    /// <summary>What looks at or changes a network namespace, and so has to run in the right one.</summary>
    private static readonly string[] OfTheNetwork = ["sysctl -w net.", "ip ", "ss "];

    private static readonly string[] Options = ["--user ", "--netns ", "--pid ", "--unit ", "--container "];

    /// <summary><c>user www-data, in the network namespace of pid 4242 (container 0123456789ab)</c>.</summary>
    public static string NameOf(Subject program)
    {
        var parts = new List<string>();
        if (program.Unit is { } unit)
            parts.Add(program.Process is { } main ? $"unit {unit}, {ProcessNames.Short(main)}" : $"unit {unit}");
        else if (program.Process is { } process)
            parts.Add((program.ContainerName ?? program.Container) is { } container
                ? $"{ProcessNames.Short(process)} of container {ContainerRecord.ShortId(container)}" : ProcessNames.Short(process));
        if (program.IsUserTold)
            parts.Add(UserOf(program));
        if (program.IsUserTold && Rights(program) is { } rights)
            parts.Add(rights);
        if (program.IsFreshNetwork)
            parts.Add("in a new network namespace, as it gets one of its own");
        else if (program.NetworkName is { } network && (program.IsOtherNetwork || program.Process is null))
            parts.Add(NetworkOf(program, network));
        return string.Join(", ", parts);
    }

    /// <summary><c>user www-data</c>, or <c>uid 4242</c> for one without a name.</summary>
    public static string UserOf(Subject program) => program.UserName is { } name ? $"user {name}" : $"uid {Wording.Number(program.UserId)}";

    private static string NetworkOf(Subject program, string network)
    {
        var same = program.IsOtherNetwork ? "" : ", which is bindwise's own";
        if (program.Process is { } process && network == "pid " + Wording.Number(process.Id))
            return "in its network namespace" + same;
        var container = program.NetworkProcess?.Container is { } id ? $" (container {ContainerRecord.ShortId(id)})"
            : program.NetworkProcess is { } other ? $" ({other.Name})" : "";
        return network.StartsWith("pid ", StringComparison.Ordinal)
            ? $"in the network namespace of {network}{container}{same}"
            : $"in the network namespace {network}{same}";
    }

    /// <summary>Only what one would not expect of the user.</summary>
    private static string? Rights(Subject program)
    {
        var has = program.Capabilities is { } all && Has(all);
        return program switch
        {
            { UserId: 0, MayBindPrivilegedPorts: Fact.No } =>
                has ? "whose CAP_NET_BIND_SERVICE does not count here" : "without CAP_NET_BIND_SERVICE",
            { UserId: not 0, MayBindPrivilegedPorts: Fact.Yes } => "with CAP_NET_BIND_SERVICE",
            _ => null,
        };
    }

    private static bool Has(ulong capabilities) => (capabilities >> BindService & 1) != 0;

    /// <summary>Where its options come from, and that it holds the port itself.</summary>
    public static IEnumerable<string> Reasons(DiagnosisContext context)
    {
        if (context.Snapshot.Caller.As is not { } program)
            yield break;
        if (program.Process is { } process && context.Blockers.Any(b => b.Owners.Any(o => o.Process.Id == process.Id)))
            yield return $"{ProcessNames.Short(process)} already holds it; the answer is for a second socket in it.";
        if (context.Target.Protocol == Protocol.Tcp && OptionsOf(context, program) is { } sentence)
            yield return sentence;
    }

    private static string? OptionsOf(DiagnosisContext context, Subject program)
    {
        var asked = context.Asked[0].Request;
        if (ProgramDefaults.Model(context.Target, program) is { } model)
        {
            var set = new[] { (model.ReuseAddress, "SO_REUSEADDR"), (model.ReusePort, "SO_REUSEPORT") }.Where(
                static o => o.Item1 == Fact.Yes).Select(static o => o.Item2).ToList();
            return $"Its listener on {model.Local} has {(set.Count == 0 ? "neither SO_REUSEADDR nor SO_REUSEPORT" : Wording.List(set))} "
                + $"set: the verdict is for {Verdict(asked)}.";
        }
        if (program is { SetsReuseAddress: true, Unit: { } unit })
            return $"For {unit} the service manager binds, with SO_REUSEADDR{(program.SetsReusePort == true ? " and SO_REUSEPORT" : "")} "
                + "set: the verdict is for that.";
        if (program.Process is not { } process || ProgramFamilies.Of(process, program.Runtime) is not { } family
            || (family.Runtime ?? family.Program) is not { } who)
            return null;
        return family.ReuseAddress switch
        {
            true => $"It is a {who} program, and {who} sets SO_REUSEADDR before bind(), so the verdict is for {Verdict(asked)}.",
            false => $"It is a {who} program, and bare sockets in {who} set no option, so the verdict is for {Verdict(asked)}.",
            null => null,
        };
    }

    private static string Verdict(BindRequest asked)
    {
        var options = asked.OptionNames.Where(static name => name.StartsWith("SO_", StringComparison.Ordinal)).ToList();
        return options.Count == 0 ? "a plain bind()" : "a bind() with " + Wording.List(options);
    }

    /// <summary>What could not be seen or tried of it.</summary>
    public static IEnumerable<Remark> Limits(DiagnosisContext context)
    {
        if (context.Snapshot.Caller.As is not { } program)
            yield break;
        if (program.ProbeObstacle is { } obstacle)
            yield return Remark.Of("not-probed-as",
                $"No probe was made as {UserOf(program)}: {obstacle}. The answer is what the rules say.");
        if (program.MayBindPrivilegedPorts == Fact.Unknown && context.Target.Protocol != Protocol.Unix && context.IsPortPrivileged)
            yield return Remark.Of("rights-unknown",
                "Whether the program may bind privileged ports is not known, because its user namespace cannot be read from here.");
        foreach (var policy in PolicyTopic.Untried(context))
            yield return policy;
        foreach (var note in program.Notes)
            yield return Remark.Of("note", note);
    }

    /// <summary>The remedies, carried out where it lives: in its network namespace, with the question asked again for it.</summary>
    public static IEnumerable<Remedy> Adapt(DiagnosisContext context, IEnumerable<Remedy> remedies, Subject? program) =>
        program is null ? remedies : remedies.Where(remedy => remedy.Id switch
        {
            "grant-in-unit" => program is { Unit: null, Container: null } && !IsInVain(program),
            "grant-capability" => !IsInVain(program),
            _ => true,
        })
            .Select(remedy => Right(context, remedy, program))
            .Select(remedy => remedy.Id != ElsewhereFinder.AskThere && ShellCommand.OfRemedy(remedy) is { } command
                ? remedy.Running(Adapt(context, command, program)) : remedy);

    // It has the right, in a user namespace that does not own the network namespace: it would have it from its file as well.
    private static bool IsInVain(Subject program) =>
        program is { MayBindPrivilegedPorts: Fact.No, Container: null, Capabilities: { } all } && Has(all);

    /// <summary>A unit and a container get the right to bind low ports from what starts them, not by their file.</summary>
    private static Remedy Right(DiagnosisContext context, Remedy remedy, Subject program) =>
        remedy.Id != "grant-capability" ? remedy : program switch
        {
            { Unit: { } unit } when program.UserId != 0 => remedy.Running(Edit(context, unit)) with
            {
                Text = "Give the unit the right to bind low ports: under [Service] "
                    + (program.BoundingSet is not { } most || Has(most) ? "the line AmbientCapabilities=CAP_NET_BIND_SERVICE."
                        : "the lines CapabilityBoundingSet=CAP_NET_BIND_SERVICE and AmbientCapabilities=CAP_NET_BIND_SERVICE."),
                Changes = "the unit, from its next start on",
                Risk = "none",
            },
            { Unit: { } unit } => remedy.Running(Edit(context, unit)) with
            {
                Text = "Keep CAP_NET_BIND_SERVICE in the unit's CapabilityBoundingSet=.",
                Changes = "the unit, from its next start on",
                Risk = "none",
            },
            { Container: not null } => remedy.Running(null) with
            {
                Text = "Let every program in the container bind low ports: start it with the option --sysctl "
                    + "net.ipv4.ip_unprivileged_port_start=0.",
                Changes = "the container's own network namespace",
                Risk = "none outside of it",
            },
            _ => remedy,
        };

    private static ShellCommand? Edit(DiagnosisContext context, string unit) =>
        NameGrammar.Unit.Word(unit) is { } word ? ShellCommand.Of($"{RunAs.Root(context)}systemctl edit {word}") : null;

    private static ShellCommand? Adapt(DiagnosisContext context, ShellCommand command, Subject program)
    {
        var bare = command.After(Sudo) ?? command;
        if (bare.After("bindwise why ") is not null)
            return OptionsOf(program.Asked) is { } options ? ShellCommand.Of($"{command}{options}") : null;
        if (program.IsOtherNetwork && program.NetworkPath is { } path && Array.Exists(OfTheNetwork, start => bare.After(start) is not null))
            return NameGrammar.Path.Word(path) is { } file ? ShellCommand.Of($"{RunAs.Root(context)}nsenter --net={file} {bare}") : null;
        return NameGrammar.Path.Word(program.Process?.Executable) is { } executable ? command.With("/path/to/program", executable)
            : command;
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
            var end = Options.Select(next => rest.IndexOf(" " + next, StringComparison.Ordinal)).Where(static at => at >= 0)
                .DefaultIfEmpty(rest.Length).Min();
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
