using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>Why the answer for another program is as it is: where its options come from, and that it holds the port itself.</summary>
internal static class SubjectReasons
{
    public static IEnumerable<string> Of(DiagnosisContext f)
    {
        if (f.Snapshot.Caller.As is not { } program)
            yield break;
        if (program.Process is { } process && f.Blockers.Any(b => b.Owners.Any(o => o.Process.Id == process.Id)))
            yield return $"{ProcessNames.Short(process)} already holds it; the answer is for a second socket in it.";
        if (f.Target.Protocol == Protocol.Tcp && OptionsOf(f, program) is { } sentence)
            yield return sentence;
    }

    private static string? OptionsOf(DiagnosisContext f, Subject program)
    {
        var asked = f.Asked[0].Request;
        if (ProgramDefaults.Model(f.Target, program) is { } model)
        {
            var set = new[] { (model.ReuseAddress, "SO_REUSEADDR"), (model.ReusePort, "SO_REUSEPORT") }.Where(static o => o.Item1 == Fact.Yes).Select(static o => o.Item2).ToList();
            return $"Its listener on {model.Local} has {(set.Count == 0 ? "neither SO_REUSEADDR nor SO_REUSEPORT" : Wording.List(set))} set: the verdict is for {Verdict(asked)}.";
        }
        if (program is { SetsReuseAddress: true, Unit: { } unit })
            return $"For {unit} the service manager binds, with SO_REUSEADDR{(program.SetsReusePort == true ? " and SO_REUSEPORT" : "")} set: the verdict is for that.";
        if (program.Process is not { } process || ProgramFamilies.Of(process, program.Runtime) is not { } family || (family.Runtime ?? family.Program) is not { } who)
            return null;
        return family.ReuseAddress switch
        {
            true => $"It is a {who} program, and {who} sets SO_REUSEADDR before bind(), so the verdict is for {Verdict(asked)}.",
            false => $"It is a {who} program, and bare sockets in {who} set no option, so the verdict is for {Verdict(asked)}.",
            null => null,
        };
    }

    private static string Verdict(Sockets.BindRequest asked)
    {
        var options = asked.OptionNames.Where(static name => name.StartsWith("SO_", StringComparison.Ordinal)).ToList();
        return options.Count == 0 ? "a plain bind()" : "a bind() with " + Wording.List(options);
    }
}
