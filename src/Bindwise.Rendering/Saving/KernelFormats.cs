using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Saving;

/// <summary>What a snapshot file tells of the kernel's own sockets.</summary>
internal static class KernelFormats
{
    private static readonly Format<KernelServiceKind> Kind = new SpelledFormat<KernelServiceKind>(
        "a kind of kernel service", KernelKinds.Name, text => (KernelKinds.TryParse(text, out var kind), kind));

    private static readonly Format<KernelService> Service = new RecordFormat<KernelService>(new KernelService { Kind = KernelServiceKind.Other, Protocol = Protocol.Tcp })
        .Required("kind", Kind, x => x.Kind, (x, v) => x with { Kind = v })
        .Field("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("address", Spellings.Address.OrNull(), x => x.Address, (x, v) => x with { Address = v })
        .Field("port", Plain.UInt16.OrNull(), x => x.Port, (x, v) => x with { Port = v })
        .Field("remote", Spellings.Endpoint.OrNull(), x => x.Remote, (x, v) => x with { Remote = v })
        .Field("source", Plain.Text, x => x.Source, (x, v) => x with { Source = v });

    private static readonly Format<KernelSocketRecord> Socket = new RecordFormat<KernelSocketRecord>(new KernelSocketRecord { Cookie = 0 })
        .Required("cookie", Plain.UInt64, x => x.Cookie, (x, v) => x with { Cookie = v })
        .Field("openedByKernel", Spellings.Fact, x => x.OpenedByKernel, (x, v) => x with { OpenedByKernel = v })
        .Field("reuseAddress", Spellings.Fact, x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Spellings.Fact, x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("handler", Plain.TextOrNull, x => x.Handler, (x, v) => x with { Handler = v })
        .Field("module", Plain.TextOrNull, x => x.Module, (x, v) => x with { Module = v });

    /// <summary>The search for the kernel's part.</summary>
    public static readonly Format<KernelSurvey> Survey = new RecordFormat<KernelSurvey>(new KernelSurvey())
        .Field("services", Service.List(), x => x.Services, (x, v) => x with { Services = v })
        .Field("sockets", Socket.List(), x => x.Sockets, (x, v) => x with { Sockets = v })
        .Field("socketsWalked", Plain.Boolean, x => x.SocketsWalked, (x, v) => x with { SocketsWalked = v })
        .Field("unread", Plain.Texts, x => x.Unread, (x, v) => x with { Unread = v })
        .Field("isFirstNamespace", Plain.Boolean.OrNull(), x => x.IsFirstNamespace, (x, v) => x with { IsFirstNamespace = v });
}
