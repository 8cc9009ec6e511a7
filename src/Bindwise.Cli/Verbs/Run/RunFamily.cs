using System.Runtime.Versioning;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Deadlines;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Supervising;

namespace Bindwise.Cli.Verbs.Run;

/// <summary>The processes of one run, as a call that failed shows them: who of them has the address that it asked for.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RunFamily
{
    // From the process that called up to the program that is run; empty where it no longer descends from that.
    private readonly ImmutableArray<int> _line;
    private readonly int _program;
    private readonly int _process;

    private RunFamily(ImmutableArray<int> line, RefusedCall call) => (_line, _program, _process) = (line, call.Program, call.Process);

    internal static RunFamily Of(RefusedCall call)
    {
        var parents = BoundedWork.TryRun(() => CallerAncestry.Read(call.Process), out var above) ? above : [];
        ImmutableArray<int> line = [call.Process, .. parents];
        return new RunFamily(line[..(line.IndexOf(call.Program) + 1)], call);
    }

    /// <summary>A process of the run from which the one that called descends; null for none.</summary>
    internal string? ParentAmong(Diagnosis diagnosis) => Find(diagnosis, process => _line.Contains(process.Id));

    /// <summary>Any process of the run; null for none.</summary>
    internal string? MemberAmong(Diagnosis diagnosis)
    {
        if (_line.IsEmpty)
            return null;
        var parents = diagnosis.Processes.DistinctBy(static process => process.Id)
            .ToDictionary(static process => process.Id, static process => process.ParentId);
        return Find(diagnosis, process =>
        {
            var id = process.Id;
            // What is in circles is no family.
            for (var left = parents.Count; left > 0 && id != _program && parents.TryGetValue(id, out var parent); left--)
                id = parent;
            return id == _program;
        });
    }

    private string? Find(Diagnosis diagnosis, Func<ProcessRecord, bool> isWanted) =>
        diagnosis.Blockers.SelectMany(static blocker => blocker.Owners)
            .FirstOrDefault(owner => owner.Process.Id != _process && isWanted(owner.Process)) is { } found
            ? ProcessNames.Short(found.Process) : null;
}
