using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Saving;

/// <summary>What a snapshot file tells of containers and socket units.</summary>
internal static class ProvenanceFormats
{
    private static readonly Format<PublishedPort> Published = new RecordFormat<PublishedPort>(default)
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("hostAddress", Spellings.Address.OrNull(), x => x.HostAddress, (x, v) => x with { HostAddress = v })
        .Required("hostPort", Plain.UInt16, x => x.HostPort, (x, v) => x with { HostPort = v })
        .Required("containerPort", Plain.UInt16, x => x.ContainerPort, (x, v) => x with { ContainerPort = v });

    /// <summary>A container.</summary>
    public static readonly Format<ContainerRecord> Container = new RecordFormat<ContainerRecord>(new ContainerRecord { Id = "" })
        .Required("id", Plain.Text, x => x.Id, (x, v) => x with { Id = v })
        .Field("name", Plain.TextOrNull, x => x.Name, (x, v) => x with { Name = v })
        .Field("engine", Plain.Text, x => x.Engine, (x, v) => x with { Engine = v })
        .Field("userId", Plain.UInt32.OrNull(), x => x.UserId, (x, v) => x with { UserId = v })
        .Field("image", Plain.TextOrNull, x => x.Image, (x, v) => x with { Image = v })
        .Field("composeProject", Plain.TextOrNull, x => x.ComposeProject, (x, v) => x with { ComposeProject = v })
        .Field("composeService", Plain.TextOrNull, x => x.ComposeService, (x, v) => x with { ComposeService = v })
        .Field("podName", Plain.TextOrNull, x => x.PodName, (x, v) => x with { PodName = v })
        .Field("podNamespace", Plain.TextOrNull, x => x.PodNamespace, (x, v) => x with { PodNamespace = v })
        .Field("podUid", Plain.TextOrNull, x => x.PodUid, (x, v) => x with { PodUid = v })
        .Field("isToldByEngine", Plain.Boolean, x => x.IsToldByEngine, (x, v) => x with { IsToldByEngine = v })
        .Field("restarts", Plain.Int32.OrNull(), x => x.Restarts, (x, v) => x with { Restarts = v })
        .Field("published", Published.List(), x => x.Published, (x, v) => x with { Published = v })
        .Field("addresses", Spellings.Address.List(), x => x.Addresses, (x, v) => x with { Addresses = v });

    private static readonly Format<SocketUnitListen> Listen = new RecordFormat<SocketUnitListen>(new SocketUnitListen(SocketUnitKind.Stream, ""))
        .Required("kind", Spellings.SocketUnitKind, x => x.Kind, (x, v) => x with { Kind = v })
        .Required("address", Plain.Text, x => x.Address, (x, v) => x with { Address = v });

    /// <summary>A socket unit.</summary>
    public static readonly Format<SocketUnitRecord> SocketUnit = new RecordFormat<SocketUnitRecord>(new SocketUnitRecord { Name = "" })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("service", Plain.Text, x => x.Service, (x, v) => x with { Service = v })
        .Field("listens", Listen.List(), x => x.Listens, (x, v) => x with { Listens = v })
        .Field("v6Only", Plain.Boolean.OrNull(), x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("accepts", Plain.Boolean, x => x.Accepts, (x, v) => x with { Accepts = v })
        .Field("isEnabled", Plain.Boolean, x => x.IsEnabled, (x, v) => x with { IsEnabled = v })
        .Field("managerId", Plain.Int32, x => x.ManagerId, (x, v) => x with { ManagerId = v });
}
