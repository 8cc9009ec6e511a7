using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>For whom it was answered, in words.</summary>
internal static class SubjectSentences
{
    private const int BindService = 10;
    /// <summary><c>user www-data, in the network namespace of pid 4242 (container 0123456789ab)</c>.</summary>
    public static string Of(Subject program)
    {
        ArgumentNullException.ThrowIfNull(program);
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
    public static string UserOf(Subject program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return program.UserName is { } name ? $"user {name}" : $"uid {Wording.Number(program.UserId)}";
    }

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
        var has = program.Capabilities is { } all && (all >> BindService & 1) != 0;
        return program switch
        {
            { UserId: 0, MayBindPrivilegedPorts: Fact.No } =>
                has ? "whose CAP_NET_BIND_SERVICE does not count here" : "without CAP_NET_BIND_SERVICE",
            { UserId: not 0, MayBindPrivilegedPorts: Fact.Yes } => "with CAP_NET_BIND_SERVICE",
            _ => null,
        };
    }

}

/// <summary>Why the answer for another program is as it is: where its options come from, and that it holds the port itself.</summary>
internal static class SubjectReasons
{
    public static IEnumerable<string> Of(DiagnosisContext context)
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
}
