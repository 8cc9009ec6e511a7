using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;

namespace Bindwise.Rendering.Saving;

/// <summary>A whole snapshot, and the file that holds one for each target.</summary>
internal static class SnapshotFormats
{
    private static readonly Format<StageTiming> Timing = new RecordFormat<StageTiming>(new StageTiming("", 0))
        .Required("stage", Plain.Text, x => x.Stage, (x, v) => x with { Stage = v })
        .Required("microseconds", Plain.Int64, x => x.Microseconds, (x, v) => x with { Microseconds = v });

    private static readonly Format<Coverage> Coverage = new RecordFormat<Coverage>(new Coverage())
        .Field("listenersRead", Plain.Boolean, x => x.ListenersRead, (x, v) => x with { ListenersRead = v })
        .Field("allStatesRead", Plain.Boolean, x => x.AllStatesRead, (x, v) => x with { AllStatesRead = v })
        .Field("boundOnlySeen", Plain.Boolean, x => x.BoundOnlySeen, (x, v) => x with { BoundOnlySeen = v })
        .Field("socketsUnread", Plain.Boolean, x => x.SocketsUnread, (x, v) => x with { SocketsUnread = v })
        .Field("socketsPartial", Plain.Boolean, x => x.SocketsPartial, (x, v) => x with { SocketsPartial = v })
        .Field("ownersRead", Plain.Boolean, x => x.OwnersRead, (x, v) => x with { OwnersRead = v })
        .Field("processes", Plain.Int32, x => x.Processes, (x, v) => x with { Processes = v })
        .Field("unreadableProcesses", Plain.Int32, x => x.UnreadableProcesses, (x, v) => x with { UnreadableProcesses = v })
        .Field("stuckProcesses", Plain.Int32.List(), x => x.StuckProcesses, (x, v) => x with { StuckProcesses = v })
        .Field("processesHidden", Plain.Boolean, x => x.ProcessesHidden, (x, v) => x with { ProcessesHidden = v })
        .Field("queuesRead", Plain.Boolean, x => x.QueuesRead, (x, v) => x with { QueuesRead = v })
        .Field("notes", Plain.Texts, x => x.Notes, (x, v) => x with { Notes = v })
        .Field("timings", Timing.List(), x => x.Timings, (x, v) => x with { Timings = v });

    private static readonly Format<ProbeResult> Probe = new RecordFormat<ProbeResult>(new ProbeResult(new BindRequest { Protocol = Protocol.Tcp }, 0))
        .Required("request", RequestFormats.Request, x => x.Request, (x, v) => x with { Request = v })
        .Required("errno", Plain.Int32, x => x.Errno, (x, v) => x with { Errno = v })
        .Field("call", Spellings.ProbedCall, x => x.Call, (x, v) => x with { Call = v })
        .Field("landed", Spellings.Endpoint.OrNull(), x => x.Landed, (x, v) => x with { Landed = v })
        .Field("beforeConflicts", Plain.Boolean, x => x.IsBeforeConflicts, (x, v) => x with { IsBeforeConflicts = v });

    private static readonly Format<Snapshot> Snapshot = new RecordFormat<Snapshot>(new Snapshot { TakenAt = default })
        .Required("takenAt", Spellings.Time, x => x.TakenAt, (x, v) => x with { TakenAt = v })
        .Field("kernel", Plain.Text, x => x.Kernel, (x, v) => x with { Kernel = v })
        .Field("coverage", Coverage, x => x.Coverage, (x, v) => x with { Coverage = v })
        .Field("sockets", SocketFormats.Socket.List(), x => x.Sockets, (x, v) => x with { Sockets = v })
        .Field("tallies", SocketFormats.Tally.List(), x => x.Tallies, (x, v) => x with { Tallies = v })
        .Field("holders", HolderFormats.Holder.List(), x => x.Holders, (x, v) => x with { Holders = v })
        .Field("holdersOmitted", HolderFormats.Tally.List(), x => x.HoldersOmitted, (x, v) => x with { HoldersOmitted = v })
        .Field("hints", HolderFormats.Hint.List(), x => x.Hints, (x, v) => x with { Hints = v })
        .Field("descriptorsInFlight", HolderFormats.Flight.List(), x => x.DescriptorsInFlight, (x, v) => x with { DescriptorsInFlight = v })
        .Field("processes", SocketFormats.Process.List(), x => x.Processes, (x, v) => x with { Processes = v })
        .Field("kernelSurvey", new OptionalFormat<KernelSurvey>(KernelFormats.Survey), x => x.KernelSurvey, (x, v) => x with { KernelSurvey = v })
        .Field("containers", ProvenanceFormats.Container.List(), x => x.Containers, (x, v) => x with { Containers = v })
        .Field("socketUnits", ProvenanceFormats.SocketUnit.List(), x => x.SocketUnits, (x, v) => x with { SocketUnits = v })
        .Field("settings", HostFormats.Settings, x => x.Settings, (x, v) => x with { Settings = v })
        .Field("interfaces", HostFormats.Interface.List(), x => x.Interfaces, (x, v) => x with { Interfaces = v })
        .Field("addressFacts", HostFormats.AddressFact.List(), x => x.AddressFacts, (x, v) => x with { AddressFacts = v })
        .Field("caller", HostFormats.Caller, x => x.Caller, (x, v) => x with { Caller = v })
        .Field("names", HostFormats.Name.List(), x => x.Names, (x, v) => x with { Names = v })
        .Field("probes", Probe.List(), x => x.Probes, (x, v) => x with { Probes = v })
        .Field("policyProbes", Probe.List(), x => x.PolicyProbes, (x, v) => x with { PolicyProbes = v })
        .Field("permitted", RequestFormats.Request.List(), x => x.Permitted, (x, v) => x with { Permitted = v })
        .Field("policies", new OptionalFormat<PolicySurvey>(PolicyFormats.Survey), x => x.Policies, (x, v) => x with { Policies = v })
        .Field("elsewhere", new OptionalFormat<ElsewhereSurvey>(ElsewhereFormats.Survey), x => x.Elsewhere, (x, v) => x with { Elsewhere = v })
        .Field("ephemeral", new OptionalFormat<EphemeralUse>(EphemeralFormats.Ephemeral), x => x.Ephemeral, (x, v) => x with { Ephemeral = v })
        .Field("freeNearby", Plain.UInt16.OrNull(), x => x.FreeNearby, (x, v) => x with { FreeNearby = v })
        .Field("udpOnPort", SocketFormats.Socket.List(), x => x.UdpOnPort, (x, v) => x with { UdpOnPort = v })
        .Field("unixPath", new OptionalFormat<UnixPathRecord>(HostFormats.UnixPath), x => x.UnixPath, (x, v) => x with { UnixPath = v })
        .Field("portable", new OptionalFormat<PortableRecord>(PortableFormats.Record), x => x.Portable, (x, v) => x with { Portable = v });

    private static readonly Format<SnapshotEntry> Entry = new RecordFormat<SnapshotEntry>(
            new SnapshotEntry(new Target { Text = "", Protocol = Protocol.Tcp }, new Snapshot { TakenAt = default }))
        .Required("target", TargetFormats.Target, x => x.Target, (x, v) => x with { Target = v })
        .Required("snapshot", Snapshot, x => x.Snapshot, (x, v) => x with { Snapshot = v });

    private static readonly Format<string> Schema = new SpelledFormat<string>(
        $"the schema \"{SnapshotFile.Schema}\"", schema => schema, schema => (schema == SnapshotFile.Schema, schema));

    /// <summary>The whole file.</summary>
    public static readonly Format<SnapshotFile> File = new RecordFormat<SnapshotFile>(new SnapshotFile(ProgramOptions.None, []))
        .Required("schema", Schema, _ => SnapshotFile.Schema, (x, _) => x)
        .Required("options", TargetFormats.Options, x => x.Options, (x, v) => x with { Options = v })
        .Required("entries", Entry.List(), x => x.Entries, (x, v) => x with { Entries = v });
}
