using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Saving;

/// <summary>The program for which a snapshot was taken, in its file.</summary>
internal static class SubjectFormats
{
    private static readonly Format<SocketBindRule> BindRule = new RecordFormat<SocketBindRule>(new SocketBindRule(false, null, null, null, ""))
        .Required("allows", Plain.Boolean, x => x.Allows, (x, v) => x with { Allows = v })
        .Field("family", Spellings.Family.OrNull(), x => x.Family, (x, v) => x with { Family = v })
        .Field("protocol", Spellings.Protocol.OrNull(), x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("ports", PortRangeFormat.Range.OrNull(), x => x.Ports, (x, v) => x with { Ports = v })
        .Required("text", Plain.Text, x => x.Text, (x, v) => x with { Text = v });

    /// <summary>The program.</summary>
    public static readonly Format<Subject> As = new RecordFormat<Subject>(new Subject { Asked = "" })
        .Required("asked", Plain.Text, x => x.Asked, (x, v) => x with { Asked = v })
        .Required("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("isUserTold", Plain.Boolean, x => x.IsUserTold, (x, v) => x with { IsUserTold = v })
        .Field("mayBindPrivilegedPorts", Spellings.Fact, x => x.MayBindPrivilegedPorts, (x, v) => x with { MayBindPrivilegedPorts = v })
        .Field("capabilities", Plain.UInt64.OrNull(), x => x.Capabilities, (x, v) => x with { Capabilities = v })
        .Field("process", new OptionalFormat<ProcessRecord>(SocketFormats.Process), x => x.Process, (x, v) => x with { Process = v })
        .Field("networkProcess", new OptionalFormat<ProcessRecord>(SocketFormats.Process), x => x.NetworkProcess, (x, v) => x with { NetworkProcess = v })
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
