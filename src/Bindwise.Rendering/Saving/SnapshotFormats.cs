using Bindwise.Model.Inspecting;
using Bindwise.Model.Snapshots;
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
        .Field("isPast", Plain.Boolean, x => x.IsPast, (x, v) => x with { IsPast = v })
        .Field("ownersRead", Plain.Boolean, x => x.OwnersRead, (x, v) => x with { OwnersRead = v })
        .Field("proc", Spellings.ProcMount, x => x.Proc, (x, v) => x with { Proc = v })
        .Field("processes", Plain.Int32, x => x.Processes, (x, v) => x with { Processes = v })
        .Field("unreadableProcesses", Plain.Int32, x => x.UnreadableProcesses, (x, v) => x with { UnreadableProcesses = v })
        .Field("stuckProcesses", Plain.Int32.List(), x => x.StuckProcesses, (x, v) => x with { StuckProcesses = v })
        .Field("processesHidden", Plain.Boolean, x => x.ProcessesHidden, (x, v) => x with { ProcessesHidden = v })
        .Field("queuesRead", Plain.Boolean, x => x.QueuesRead, (x, v) => x with { QueuesRead = v })
        .Field("notes", Plain.Texts, x => x.Notes, (x, v) => x with { Notes = v })
        .Field("timings", Timing.List(), x => x.Timings, (x, v) => x with { Timings = v });

    private static readonly Format<ProbeResult> Probe =
        new RecordFormat<ProbeResult>(new ProbeResult(new BindRequest { Protocol = Protocol.Tcp }, 0))
        .Required("request", RequestFormats.Request, x => x.Request, (x, v) => x with { Request = v })
        .Required("errno", Plain.Int32, x => x.Errno, (x, v) => x with { Errno = v })
        .Field("call", Spellings.ProbedCall, x => x.Call, (x, v) => x with { Call = v })
        .Field("landed", Spellings.Endpoint.OrNull(), x => x.Landed, (x, v) => x with { Landed = v })
        .Field("beforeConflicts", Plain.Boolean, x => x.IsBeforeConflicts, (x, v) => x with { IsBeforeConflicts = v });

    private static readonly Format<Snapshot> Snapshot = new RecordFormat<Snapshot>(new Snapshot { TakenAt = default })
        .Required("takenAt", Spellings.Time, x => x.TakenAt, (x, v) => x with { TakenAt = v })
        .Field("kernel", Plain.Text, x => x.Kernel, (x, v) => x with { Kernel = v })
        .Field("coverage", Coverage, x => x.Coverage, (x, v) => x with { Coverage = v })
        .Required("sockets", SocketFormats.Socket.List(), x => x.Sockets, (x, v) => x with { Sockets = v })
        .Field("tallies", SocketFormats.Tally.List(), x => x.Tallies, (x, v) => x with { Tallies = v })
        .Field("holders", HolderFormats.Holder.List(), x => x.Holders, (x, v) => x with { Holders = v })
        .Field("holdersOmitted", HolderFormats.Tally.List(), x => x.HoldersOmitted, (x, v) => x with { HoldersOmitted = v })
        .Field("hints", HolderFormats.Hint.List(), x => x.Hints, (x, v) => x with { Hints = v })
        .Field("descriptorsInFlight", HolderFormats.Flight.List(), x => x.DescriptorsInFlight, (x, v) => x with { DescriptorsInFlight = v })
        .Field("processes", SocketFormats.Process.List(), x => x.Processes, (x, v) => x with { Processes = v })
        .Field("kernelSurvey", KernelFormats.Survey.Optional(), x => x.KernelSurvey, (x, v) => x with { KernelSurvey = v })
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
        .Field("policies", PolicyFormats.Survey.Optional(), x => x.Policies, (x, v) => x with { Policies = v })
        .Field("elsewhere", ElsewhereFormats.Survey.Optional(), x => x.Elsewhere, (x, v) => x with { Elsewhere = v })
        .Field("ephemeral", EphemeralFormats.Ephemeral.Optional(), x => x.Ephemeral, (x, v) => x with { Ephemeral = v })
        .Field("freeNearby", Plain.UInt16.OrNull(), x => x.FreeNearby, (x, v) => x with { FreeNearby = v })
        .Field("udpOnPort", SocketFormats.Socket.List(), x => x.UdpOnPort, (x, v) => x with { UdpOnPort = v })
        .Field("unixPath", HostFormats.UnixPath.Optional(), x => x.UnixPath, (x, v) => x with { UnixPath = v })
        .Field("portable", PortableFormats.Record.Optional(), x => x.Portable, (x, v) => x with { Portable = v });

    private static readonly Format<SnapshotEntry> Entry = new RecordFormat<SnapshotEntry>(
            new SnapshotEntry(new Target { Text = "", Protocol = Protocol.Tcp }, new Snapshot { TakenAt = default }))
        .Required("target", TargetFormats.Target, x => x.Target, (x, v) => x with { Target = v })
        .Required("snapshot", Snapshot, x => x.Snapshot, (x, v) => x with { Snapshot = v });

    private static readonly Format<string> Schema = new SpelledFormat<string>(
        $"the schema \"{SnapshotFile.Schema}\"", schema => schema, schema => (schema == SnapshotFile.Schema, schema));

    public static readonly Format<SnapshotFile> File = new RecordFormat<SnapshotFile>(new SnapshotFile(ProgramOptions.None, []))
        .Required("schema", Schema, _ => SnapshotFile.Schema, (x, _) => x)
        .Required("options", TargetFormats.Options, x => x.Options, (x, v) => x with { Options = v })
        .Required("entries", Entry.List(), x => x.Entries, (x, v) => x with { Entries = v });
}

/// <summary>What stands in other network namespaces, in a snapshot file.</summary>
internal static class ElsewhereFormats
{
    private static readonly Format<ElsewhereRecord> Record = new RecordFormat<ElsewhereRecord>(
            new ElsewhereRecord { Socket = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Close } })
        .Required("socket", SocketFormats.Socket, x => x.Socket, (x, v) => x with { Socket = v })
        .Field("networkNamespace", Plain.UInt64, x => x.NetworkNamespace, (x, v) => x with { NetworkNamespace = v })
        .Field("networkName", Plain.TextOrNull, x => x.NetworkName, (x, v) => x with { NetworkName = v })
        .Field("isCallers", Plain.Boolean, x => x.IsCallers, (x, v) => x with { IsCallers = v })
        .Field("process", SocketFormats.Process.Optional(), x => x.Process, (x, v) => x with { Process = v })
        .Field("isHolder", Plain.Boolean, x => x.IsHolder, (x, v) => x with { IsHolder = v });

    private static readonly Format<ElsewhereNetwork> Network = new RecordFormat<ElsewhereNetwork>(new ElsewhereNetwork())
        .Field("name", Plain.TextOrNull, x => x.Name, (x, v) => x with { Name = v })
        .Field("processId", Plain.Int32.OrNull(), x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Field("processName", Plain.TextOrNull, x => x.ProcessName, (x, v) => x with { ProcessName = v })
        .Field("container", Plain.TextOrNull, x => x.Container, (x, v) => x with { Container = v })
        .Field("isCallers", Plain.Boolean, x => x.IsCallers, (x, v) => x with { IsCallers = v });

    public static readonly Format<ElsewhereSurvey> Survey = new RecordFormat<ElsewhereSurvey>(new ElsewhereSurvey())
        .Field("namespaces", Plain.Int32, x => x.Namespaces, (x, v) => x with { Namespaces = v })
        .Field("unread", Plain.Int32, x => x.Unread, (x, v) => x with { Unread = v })
        .Field("isPartial", Plain.Boolean, x => x.IsPartial, (x, v) => x with { IsPartial = v })
        .Field("sockets", Record.List(), x => x.Sockets, (x, v) => x with { Sockets = v })
        .Field("withAddress", Network.List(), x => x.WithAddress, (x, v) => x with { WithAddress = v });
}

/// <summary>Who uses the ephemeral range, in a snapshot file.</summary>
internal static class EphemeralFormats
{
    private static readonly Format<EphemeralGroup> EphemeralGroup =
        new RecordFormat<EphemeralGroup>(new EphemeralGroup("", null, null, 0, 0))
        .Required("state", Plain.Text, x => x.State, (x, v) => x with { State = v })
        .Required("userId", Plain.UInt32.OrNull(), x => x.UserId, (x, v) => x with { UserId = v })
        .Required("remotePort", Plain.UInt16.OrNull(), x => x.RemotePort, (x, v) => x with { RemotePort = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Required("sampleInode", Plain.UInt64, x => x.SampleInode, (x, v) => x with { SampleInode = v })
        .Field("samples", Plain.UInt64.List(), x => x.Samples, (x, v) => x with { Samples = v });

    private static readonly Format<EphemeralDestination> Destination =
        new RecordFormat<EphemeralDestination>(new EphemeralDestination(default, default, 0, 0, 0))
        .Required("remote", Spellings.Endpoint, x => x.Remote, (x, v) => x with { Remote = v })
        .Required("local", Spellings.Address, x => x.Local, (x, v) => x with { Local = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Required("timeWait", Plain.Int32, x => x.TimeWait, (x, v) => x with { TimeWait = v })
        .Required("sampleInode", Plain.UInt64, x => x.SampleInode, (x, v) => x with { SampleInode = v })
        .Field("ending", Plain.Int32, x => x.Ending, (x, v) => x with { Ending = v })
        .Field("samples", Plain.UInt64.List(), x => x.Samples, (x, v) => x with { Samples = v });

    public static readonly Format<EphemeralUse> Ephemeral = new RecordFormat<EphemeralUse>(new EphemeralUse())
        .Field("usable", Plain.Int32, x => x.Usable, (x, v) => x with { Usable = v })
        .Field("used", Plain.Int32, x => x.Used, (x, v) => x with { Used = v })
        .Field("groups", EphemeralGroup.List(), x => x.Groups, (x, v) => x with { Groups = v })
        .Field("bound", Plain.Int32, x => x.Bound, (x, v) => x with { Bound = v })
        .Field("destinations", Destination.List(), x => x.Destinations, (x, v) => x with { Destinations = v })
        .Field("destinationsCut", Plain.Boolean, x => x.DestinationsCut, (x, v) => x with { DestinationsCut = v })
        .Field("routedSources", Spellings.Address.List(), x => x.RoutedSources, (x, v) => x with { RoutedSources = v })
        .Field("closedToAsked", Plain.Int32, x => x.ClosedToAsked, (x, v) => x with { ClosedToAsked = v })
        .Field("reusableByAsked", Plain.Int32, x => x.ReusableByAsked, (x, v) => x with { ReusableByAsked = v });
}

/// <summary>What .NET itself told of a host, in a snapshot file.</summary>
internal static class PortableFormats
{
    private static readonly Format<PortableProbe> Probe = new RecordFormat<PortableProbe>(new PortableProbe(
        new BindRequest { Protocol = Protocol.Tcp }, 0, 0))
        .Required("request", RequestFormats.Request, x => x.Request, (x, v) => x with { Request = v })
        .Required("error", Plain.Int32, x => x.Error, (x, v) => x with { Error = v })
        .Required("nativeError", Plain.Int32, x => x.NativeError, (x, v) => x with { NativeError = v })
        .Field("isExclusive", Plain.Boolean, x => x.IsExclusive, (x, v) => x with { IsExclusive = v });

    private static readonly Format<SeenSocket> Seen = new RecordFormat<SeenSocket>(default)
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Required("state", Spellings.State, x => x.State, (x, v) => x with { State = v })
        .Required("local", Spellings.Endpoint, x => x.Local, (x, v) => x with { Local = v })
        .Field("remote", Spellings.Endpoint, x => x.Remote, (x, v) => x with { Remote = v });

    public static readonly Format<PortableRecord> Record =
        new RecordFormat<PortableRecord>(new PortableRecord { System = HostSystem.Other })
        .Required("system", Spellings.System, x => x.System, (x, v) => x with { System = v })
        .Field("probes", Probe.List(), x => x.Probes, (x, v) => x with { Probes = v })
        .Field("seen", Seen.List(), x => x.Seen, (x, v) => x with { Seen = v })
        .Field("seenCount", Plain.Int32, x => x.SeenCount, (x, v) => x with { SeenCount = v })
        .Field("isListRead", Plain.Boolean, x => x.IsListRead, (x, v) => x with { IsListRead = v });
}

/// <summary>A bind() in a snapshot file: the question of every kind of probe.</summary>
internal static class RequestFormats
{
    public static readonly Format<BindRequest> Request = new RecordFormat<BindRequest>(new BindRequest { Protocol = Protocol.Tcp })
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("address", Spellings.Address, x => x.Address, (x, v) => x with { Address = v })
        .Field("port", Plain.UInt16, x => x.Port, (x, v) => x with { Port = v })
        .Field("path", Plain.TextOrNull, x => x.Path, (x, v) => x with { Path = v })
        .Field("unixType", Plain.Byte, x => x.UnixType, (x, v) => x with { UnixType = v })
        .Field("reuseAddress", Plain.Boolean, x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Plain.Boolean, x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("v6Only", Plain.Boolean.OrNull(), x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("device", Plain.TextOrNull, x => x.Device, (x, v) => x with { Device = v })
        .Field("freebind", Plain.Boolean, x => x.Freebind, (x, v) => x with { Freebind = v })
        .Field("scope", Plain.TextOrNull, x => x.Scope, (x, v) => x with { Scope = v })
        .Field("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v });
}

/// <summary>Targets and options in a snapshot file.</summary>
internal static class TargetFormats
{
    private static readonly Format<PastedError> Pasted = new RecordFormat<PastedError>(new PastedError())
        .Field("runtime", Plain.TextOrNull, x => x.Runtime, (x, v) => x with { Runtime = v })
        .Field("program", Plain.TextOrNull, x => x.Program, (x, v) => x with { Program = v })
        .Field("setsReuseAddress", Plain.Boolean.OrNull(), x => x.SetsReuseAddress, (x, v) => x with { SetsReuseAddress = v })
        .Field("setsReusePort", Plain.Boolean.OrNull(), x => x.SetsReusePort, (x, v) => x with { SetsReusePort = v })
        .Field("setsV6Only", Plain.Boolean.OrNull(), x => x.SetsV6Only, (x, v) => x with { SetsV6Only = v })
        .Field("wildcardIsDualStack", Plain.Boolean.OrNull(), x => x.WildcardIsDualStack, (x, v) => x with { WildcardIsDualStack = v })
        .Field("errno", Plain.TextOrNull, x => x.Errno, (x, v) => x with { Errno = v })
        .Field("mayMeanUdp", Plain.Boolean, x => x.MayMeanUdp, (x, v) => x with { MayMeanUdp = v })
        .Field("isLessLikely", Plain.Boolean, x => x.IsLessLikely, (x, v) => x with { IsLessLikely = v })
        .Field("isPortAssumed", Plain.Boolean, x => x.IsPortAssumed, (x, v) => x with { IsPortAssumed = v })
        .Field("system", Spellings.System.OrNull(), x => x.System, (x, v) => x with { System = v })
        .Field("files", Plain.Texts, x => x.Files, (x, v) => x with { Files = v })
        .Field("packages", Plain.Texts, x => x.Packages, (x, v) => x with { Packages = v });

    private static readonly Format<Destination> Destination = new RecordFormat<Destination>(new Destination
    {
        Host = "",
        Address = null,
        Port = 0,
    })
        .Required("host", Plain.Text, x => x.Host, (x, v) => x with { Host = v })
        .Field("address", Spellings.Address.OrNull(), x => x.Address, (x, v) => x with { Address = v })
        .Required("port", Plain.UInt16, x => x.Port, (x, v) => x with { Port = v })
        .Field("source", Spellings.Endpoint.OrNull(), x => x.Source, (x, v) => x with { Source = v });

    public static readonly Format<Target> Target = new RecordFormat<Target>(new Target { Text = "", Protocol = Protocol.Tcp })
        .Required("text", Plain.Text, x => x.Text, (x, v) => x with { Text = v })
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("isProtocolAssumed", Plain.Boolean, x => x.IsProtocolAssumed, (x, v) => x with { IsProtocolAssumed = v })
        .Field("host", Plain.TextOrNull, x => x.Host, (x, v) => x with { Host = v })
        .Field("address", Spellings.Address.OrNull(), x => x.Address, (x, v) => x with { Address = v })
        .Field("scope", Plain.TextOrNull, x => x.Scope, (x, v) => x with { Scope = v })
        .Field("port", Plain.UInt16.OrNull(), x => x.Port, (x, v) => x with { Port = v })
        .Field("service", Plain.TextOrNull, x => x.Service, (x, v) => x with { Service = v })
        .Field("path", Plain.TextOrNull, x => x.Path, (x, v) => x with { Path = v })
        .Field("destination", Destination.Optional(), x => x.Destination, (x, v) => x with { Destination = v })
        .Field("pasted", Pasted.Optional(), x => x.Pasted, (x, v) => x with { Pasted = v });

    public static readonly Format<ProgramOptions> Options = new RecordFormat<ProgramOptions>(ProgramOptions.None)
        .Field("reuseAddress", Plain.Boolean.OrNull(), x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Plain.Boolean.OrNull(), x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("v6Only", Plain.Boolean.OrNull(), x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("device", Plain.TextOrNull, x => x.Device, (x, v) => x with { Device = v })
        .Field("freebind", Plain.Boolean, x => x.Freebind, (x, v) => x with { Freebind = v })
        .Field("unixType", Plain.Byte, x => x.UnixType, (x, v) => x with { UnixType = v })
        .Field("api", Spellings.SocketApi, x => x.Api, (x, v) => x with { Api = v })
        .Field("sourcePorts", PortRangeFormat.Range.List(), x => x.SourcePorts, (x, v) => x with { SourcePorts = v })
        .Field("sources", Spellings.Address.List(), x => x.Sources, (x, v) => x with { Sources = v });
}

/// <summary>The program for which a snapshot was taken, in its file.</summary>
internal static class SubjectFormats
{
    private static readonly Format<SocketBindRule> BindRule = new RecordFormat<SocketBindRule>(new SocketBindRule(false, null, null, null,
        ""))
        .Required("allows", Plain.Boolean, x => x.Allows, (x, v) => x with { Allows = v })
        .Field("family", Spellings.Family.OrNull(), x => x.Family, (x, v) => x with { Family = v })
        .Field("protocol", Spellings.Protocol.OrNull(), x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("ports", PortRangeFormat.Range.OrNull(), x => x.Ports, (x, v) => x with { Ports = v })
        .Required("text", Plain.Text, x => x.Text, (x, v) => x with { Text = v });

    public static readonly Format<Subject> As = new RecordFormat<Subject>(new Subject { Asked = "" })
        .Required("asked", Plain.Text, x => x.Asked, (x, v) => x with { Asked = v })
        .Required("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("isUserTold", Plain.Boolean, x => x.IsUserTold, (x, v) => x with { IsUserTold = v })
        .Field("mayBindPrivilegedPorts", Spellings.Fact, x => x.MayBindPrivilegedPorts, (x, v) => x with { MayBindPrivilegedPorts = v })
        .Field("capabilities", Plain.UInt64.OrNull(), x => x.Capabilities, (x, v) => x with { Capabilities = v })
        .Field("boundingSet", Plain.UInt64.OrNull(), x => x.BoundingSet, (x, v) => x with { BoundingSet = v })
        .Field("process", SocketFormats.Process.Optional(), x => x.Process, (x, v) => x with { Process = v })
        .Field("networkProcess", SocketFormats.Process.Optional(), x => x.NetworkProcess, (x, v) => x with { NetworkProcess = v })
        .Field("unit", Plain.TextOrNull, x => x.Unit, (x, v) => x with { Unit = v })
        .Field("container", Plain.TextOrNull, x => x.Container, (x, v) => x with { Container = v })
        .Field("containerName", Plain.TextOrNull, x => x.ContainerName, (x, v) => x with { ContainerName = v })
        .Field("networkNamespace", Plain.UInt64, x => x.NetworkNamespace, (x, v) => x with { NetworkNamespace = v })
        .Field("isOtherNetwork", Plain.Boolean, x => x.IsOtherNetwork, (x, v) => x with { IsOtherNetwork = v })
        .Field("isFreshNetwork", Plain.Boolean, x => x.IsFreshNetwork, (x, v) => x with { IsFreshNetwork = v })
        .Field("networkName", Plain.TextOrNull, x => x.NetworkName, (x, v) => x with { NetworkName = v })
        .Field("networkPath", Plain.TextOrNull, x => x.NetworkPath, (x, v) => x with { NetworkPath = v })
        .Field("probeObstacle", Plain.TextOrNull, x => x.ProbeObstacle, (x, v) => x with { ProbeObstacle = v })
        .Field("listeners", SocketFormats.Socket.List(), x => x.Listeners, (x, v) => x with { Listeners = v })
        .Field("setsReuseAddress", Plain.Boolean.OrNull(), x => x.SetsReuseAddress, (x, v) => x with { SetsReuseAddress = v })
        .Field("setsReusePort", Plain.Boolean.OrNull(), x => x.SetsReusePort, (x, v) => x with { SetsReusePort = v })
        .Field("setsV6Only", Plain.Boolean.OrNull(), x => x.SetsV6Only, (x, v) => x with { SetsV6Only = v })
        .Field("runtime", Plain.TextOrNull, x => x.Runtime, (x, v) => x with { Runtime = v })
        .Field("bindRules", BindRule.List(), x => x.BindRules, (x, v) => x with { BindRules = v })
        .Field("notes", Plain.Texts, x => x.Notes, (x, v) => x with { Notes = v });
}
