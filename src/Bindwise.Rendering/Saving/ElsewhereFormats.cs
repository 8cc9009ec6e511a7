using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Rendering.Saving;

/// <summary>What stands in other network namespaces, in a snapshot file.</summary>
internal static class ElsewhereFormats
{
    private static readonly Format<ElsewhereRecord> Record = new RecordFormat<ElsewhereRecord>(
            new ElsewhereRecord { Socket = new HeldSocket { Protocol = Protocol.Tcp, State = TcpState.Close } })
        .Required("socket", SocketFormats.Socket, x => x.Socket, (x, v) => x with { Socket = v })
        .Field("networkNamespace", Plain.UInt64, x => x.NetworkNamespace, (x, v) => x with { NetworkNamespace = v })
        .Field("networkName", Plain.TextOrNull, x => x.NetworkName, (x, v) => x with { NetworkName = v })
        .Field("isCallers", Plain.Boolean, x => x.IsCallers, (x, v) => x with { IsCallers = v })
        .Field("process", new OptionalFormat<ProcessRecord>(SocketFormats.Process), x => x.Process, (x, v) => x with { Process = v })
        .Field("isHolder", Plain.Boolean, x => x.IsHolder, (x, v) => x with { IsHolder = v });

    /// <summary>The look into other namespaces.</summary>
    public static readonly Format<ElsewhereSurvey> Survey = new RecordFormat<ElsewhereSurvey>(new ElsewhereSurvey())
        .Field("namespaces", Plain.Int32, x => x.Namespaces, (x, v) => x with { Namespaces = v })
        .Field("unread", Plain.Int32, x => x.Unread, (x, v) => x with { Unread = v })
        .Field("isPartial", Plain.Boolean, x => x.IsPartial, (x, v) => x with { IsPartial = v })
        .Field("sockets", Record.List(), x => x.Sockets, (x, v) => x with { Sockets = v });
}
