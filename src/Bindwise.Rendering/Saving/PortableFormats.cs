using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Rendering.Saving;

/// <summary>What .NET itself told of a host, in a snapshot file.</summary>
internal static class PortableFormats
{
    private static readonly Format<PortableProbe> Probe = new RecordFormat<PortableProbe>(new PortableProbe(new BindRequest { Protocol = Protocol.Tcp }, 0, 0))
        .Required("request", RequestFormats.Request, x => x.Request, (x, v) => x with { Request = v })
        .Required("error", Plain.Int32, x => x.Error, (x, v) => x with { Error = v })
        .Required("nativeError", Plain.Int32, x => x.NativeError, (x, v) => x with { NativeError = v })
        .Field("isExclusive", Plain.Boolean, x => x.IsExclusive, (x, v) => x with { IsExclusive = v });

    private static readonly Format<SeenSocket> Seen = new RecordFormat<SeenSocket>(default)
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Required("state", Spellings.State, x => x.State, (x, v) => x with { State = v })
        .Required("local", Spellings.Endpoint, x => x.Local, (x, v) => x with { Local = v })
        .Field("remote", Spellings.Endpoint, x => x.Remote, (x, v) => x with { Remote = v });

    /// <summary>The whole record.</summary>
    public static readonly Format<PortableRecord> Record = new RecordFormat<PortableRecord>(new PortableRecord { System = HostSystem.Other })
        .Required("system", Spellings.System, x => x.System, (x, v) => x with { System = v })
        .Field("probes", Probe.List(), x => x.Probes, (x, v) => x with { Probes = v })
        .Field("seen", Seen.List(), x => x.Seen, (x, v) => x with { Seen = v })
        .Field("seenCount", Plain.Int32, x => x.SeenCount, (x, v) => x with { SeenCount = v })
        .Field("isListRead", Plain.Boolean, x => x.IsListRead, (x, v) => x with { IsListRead = v });
}
