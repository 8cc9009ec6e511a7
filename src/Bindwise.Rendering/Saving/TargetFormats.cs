using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise.Rendering.Saving;

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
        .Field("files", Plain.Texts, x => x.Files, (x, v) => x with { Files = v });

    private static readonly Format<Destination> Destination = new RecordFormat<Destination>(new Destination("", null, 0))
        .Required("host", Plain.Text, x => x.Host, (x, v) => x with { Host = v })
        .Field("address", Spellings.Address.OrNull(), x => x.Address, (x, v) => x with { Address = v })
        .Required("port", Plain.UInt16, x => x.Port, (x, v) => x with { Port = v });

    /// <summary>A target as typed.</summary>
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
        .Field("destination", new OptionalFormat<Destination>(Destination), x => x.Destination, (x, v) => x with { Destination = v })
        .Field("pasted", new OptionalFormat<PastedError>(Pasted), x => x.Pasted, (x, v) => x with { Pasted = v });

    /// <summary>The options of the command line.</summary>
    public static readonly Format<ProgramOptions> Options = new RecordFormat<ProgramOptions>(ProgramOptions.None)
        .Field("reuseAddress", Plain.Boolean.OrNull(), x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Plain.Boolean.OrNull(), x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("v6Only", Plain.Boolean.OrNull(), x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("device", Plain.TextOrNull, x => x.Device, (x, v) => x with { Device = v })
        .Field("freebind", Plain.Boolean, x => x.Freebind, (x, v) => x with { Freebind = v });
}
