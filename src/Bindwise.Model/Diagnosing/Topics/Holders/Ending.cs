using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A process that has to end, and the signal that ends it together with the others.</summary>
internal readonly record struct Ending(ProcessRecord Process, EndSignal Signal)
{
    /// <summary>
    /// Each once, in their order. A tool that starts its commands again on SIGTERM would get that from what runs it, and take the end of
    /// its commands for a fault: all of its job get the tool's own signal, as by Ctrl+C.
    /// </summary>
    public static List<Ending> Of(IEnumerable<ProcessRecord> processes)
    {
        var all = processes.DistinctBy(static process => process.Id).ToList();
        var ofJob = all.Where(static process => ToolNames.Of(process) is not null).Select(EndSignal.OwnOf)
            .FirstOrDefault(static own => own is not null);
        // A shell goes on after SIGINT with what its script says next, unless its command dies of that.
        return [.. all.Select(process => new Ending(process, EndSignal.Of(process, Shells.Are(process) ? null : ofJob)))];
    }
}
