using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Rendering.Saving;

/// <summary>A bind() in a snapshot file: the question of every kind of probe.</summary>
internal static class RequestFormats
{
    /// <summary>A bind() with its options.</summary>
    public static readonly Format<BindRequest> Request = new RecordFormat<BindRequest>(new BindRequest { Protocol = Protocol.Tcp })
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("address", Spellings.Address, x => x.Address, (x, v) => x with { Address = v })
        .Field("port", Plain.UInt16, x => x.Port, (x, v) => x with { Port = v })
        .Field("path", Plain.TextOrNull, x => x.Path, (x, v) => x with { Path = v })
        .Field("reuseAddress", Plain.Boolean, x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Plain.Boolean, x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("v6Only", Plain.Boolean.OrNull(), x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("device", Plain.TextOrNull, x => x.Device, (x, v) => x with { Device = v })
        .Field("freebind", Plain.Boolean, x => x.Freebind, (x, v) => x with { Freebind = v })
        .Field("scope", Plain.TextOrNull, x => x.Scope, (x, v) => x with { Scope = v })
        .Field("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v });
}
