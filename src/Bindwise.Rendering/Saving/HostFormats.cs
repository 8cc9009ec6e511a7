using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Saving;

/// <summary>What a snapshot file tells of the host and of who asks.</summary>
internal static class HostFormats
{
    public static readonly Format<HostSettings> Settings = new RecordFormat<HostSettings>(new HostSettings())
        .Field("unprivilegedPortStart", Plain.Int32.OrNull(), x => x.UnprivilegedPortStart, (x, v) => x with { UnprivilegedPortStart = v })
        .Field("localPortFirst", Plain.Int32.OrNull(), x => x.LocalPortFirst, (x, v) => x with { LocalPortFirst = v })
        .Field("localPortLast", Plain.Int32.OrNull(), x => x.LocalPortLast, (x, v) => x with { LocalPortLast = v })
        .Field("reservedPorts", PortRangeFormat.Range.List(), x => x.ReservedPorts, (x, v) => x with { ReservedPorts = v })
        .Field("nonLocalBindIPv4", Plain.Boolean.OrNull(), x => x.NonLocalBindIPv4, (x, v) => x with { NonLocalBindIPv4 = v })
        .Field("nonLocalBindIPv6", Plain.Boolean.OrNull(), x => x.NonLocalBindIPv6, (x, v) => x with { NonLocalBindIPv6 = v })
        .Field("bindV6Only", Plain.Boolean.OrNull(), x => x.BindV6Only, (x, v) => x with { BindV6Only = v })
        .Field("autobindReuse", Plain.Boolean.OrNull(), x => x.AutobindReuse, (x, v) => x with { AutobindReuse = v })
        .Field("timerSlackMilliseconds", Plain.Int32, x => x.TimerSlackMilliseconds, (x, v) => x with { TimerSlackMilliseconds = v })
        .Field("timeWaitReuse", Plain.Int32.OrNull(), x => x.TimeWaitReuse, (x, v) => x with { TimeWaitReuse = v })
        .Field("timeWaitReuseDelay", Plain.Int32, x => x.TimeWaitReuseDelay, (x, v) => x with { TimeWaitReuseDelay = v })
        .Field("finTimeoutSeconds", Plain.Int32.OrNull(), x => x.FinTimeoutSeconds, (x, v) => x with { FinTimeoutSeconds = v })
        .Field("tcpL3mdevAccept", Plain.Boolean.OrNull(), x => x.TcpL3mdevAccept, (x, v) => x with { TcpL3mdevAccept = v })
        .Field("hasIPv4", Plain.Boolean, x => x.HasIPv4, (x, v) => x with { HasIPv4 = v })
        .Field("hasIPv6", Plain.Boolean, x => x.HasIPv6, (x, v) => x with { HasIPv6 = v })
        .Field("mayOpenIPv4", Plain.Boolean, x => x.MayOpenIPv4, (x, v) => x with { MayOpenIPv4 = v })
        .Field("mayOpenIPv6", Plain.Boolean, x => x.MayOpenIPv6, (x, v) => x with { MayOpenIPv6 = v })
        .Field("disableIPv6", Plain.Boolean.OrNull(), x => x.DisableIPv6, (x, v) => x with { DisableIPv6 = v });

    private static readonly Format<InterfaceAddress> InterfaceAddress = new RecordFormat<InterfaceAddress>(new InterfaceAddress(default, 0))
        .Required("address", Spellings.Address, x => x.Address, (x, v) => x with { Address = v })
        .Required("prefixLength", Plain.Int32, x => x.PrefixLength, (x, v) => x with { PrefixLength = v })
        .Field("isTentative", Plain.Boolean, x => x.IsTentative, (x, v) => x with { IsTentative = v })
        .Field("isDuplicate", Plain.Boolean, x => x.IsDuplicate, (x, v) => x with { IsDuplicate = v });

    public static readonly Format<InterfaceRecord> Interface =
        new RecordFormat<InterfaceRecord>(new InterfaceRecord { Index = 0, Name = "" })
        .Required("index", Plain.UInt32, x => x.Index, (x, v) => x with { Index = v })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("isUp", Plain.Boolean, x => x.IsUp, (x, v) => x with { IsUp = v })
        .Field("vrfIndex", Plain.UInt32, x => x.VrfIndex, (x, v) => x with { VrfIndex = v })
        .Field("isIPv6Off", Plain.Boolean, x => x.IsIPv6Off, (x, v) => x with { IsIPv6Off = v })
        .Field("addresses", InterfaceAddress.List(), x => x.Addresses, (x, v) => x with { Addresses = v });

    public static readonly Format<AddressFact> AddressFact = new RecordFormat<AddressFact>(new AddressFact(default, AddressKind.Unknown))
        .Required("address", Spellings.Address, x => x.Address, (x, v) => x with { Address = v })
        .Required("kind", Spellings.AddressKind, x => x.Kind, (x, v) => x with { Kind = v });

    public static readonly Format<Caller> Caller = new RecordFormat<Caller>(new Caller())
        .Field("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("mayBindPrivilegedPorts", Spellings.Fact, x => x.MayBindPrivilegedPorts, (x, v) => x with { MayBindPrivilegedPorts = v })
        .Field("mayGainPrivilegedPorts", Spellings.Fact, x => x.MayGainPrivilegedPorts, (x, v) => x with { MayGainPrivilegedPorts = v })
        .Field("mayReadEveryProcess", Spellings.Fact, x => x.MayReadEveryProcess, (x, v) => x with { MayReadEveryProcess = v })
        .Field("inInitialPidNamespace", Spellings.Fact, x => x.InInitialPidNamespace, (x, v) => x with { InInitialPidNamespace = v })
        .Field("processId", Plain.Int32, x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Field("process", SocketFormats.Process.Optional(), x => x.Process, (x, v) => x with { Process = v })
        .Field("ancestorIds", Plain.Int32.List(), x => x.AncestorIds, (x, v) => x with { AncestorIds = v })
        .Field("device", Plain.TextOrNull, x => x.Device, (x, v) => x with { Device = v })
        .Field("as", SubjectFormats.As.Optional(), x => x.As, (x, v) => x with { As = v });

    public static readonly Format<NameLookup> Name = new RecordFormat<NameLookup>(new NameLookup(NameKind.Host, "", []))
        .Required("kind", Spellings.NameKind, x => x.Kind, (x, v) => x with { Kind = v })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Required("addresses", Spellings.Address.List(), x => x.Addresses, (x, v) => x with { Addresses = v })
        .Field("port", Plain.UInt16.OrNull(), x => x.Port, (x, v) => x with { Port = v });

    public static readonly Format<UnixPathRecord> UnixPath = new RecordFormat<UnixPathRecord>(new UnixPathRecord { Path = "" })
        .Required("path", Plain.Text, x => x.Path, (x, v) => x with { Path = v })
        .Field("exists", Plain.Boolean, x => x.Exists, (x, v) => x with { Exists = v })
        .Field("isSocket", Plain.Boolean, x => x.IsSocket, (x, v) => x with { IsSocket = v })
        .Field("kind", Plain.Text, x => x.Kind, (x, v) => x with { Kind = v })
        .Field("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v })
        .Field("linkTarget", Plain.TextOrNull, x => x.LinkTarget, (x, v) => x with { LinkTarget = v })
        .Field("fileInode", Plain.UInt64, x => x.FileInode, (x, v) => x with { FileInode = v })
        .Field("isServed", Spellings.Fact, x => x.IsServed, (x, v) => x with { IsServed = v })
        .Field("connectErrno", Plain.Int32.OrNull(), x => x.ConnectErrno, (x, v) => x with { ConnectErrno = v })
        .Field("server", SocketFormats.Process.Optional(), x => x.Server, (x, v) => x with { Server = v })
        .Field("parentErrno", Plain.Int32, x => x.ParentErrno, (x, v) => x with { ParentErrno = v })
        .Field("fileSystem", Plain.TextOrNull, x => x.FileSystem, (x, v) => x with { FileSystem = v })
        .Field("isHidden", Plain.Boolean, x => x.IsHidden, (x, v) => x with { IsHidden = v })
        .Field("isChangeable", Spellings.Fact, x => x.IsChangeable, (x, v) => x with { IsChangeable = v })
        .Field("isInOtherMounts", Plain.Boolean, x => x.IsInOtherMounts, (x, v) => x with { IsInOtherMounts = v })
        .Field("isInOtherFolder", Plain.Boolean, x => x.IsInOtherFolder, (x, v) => x with { IsInOtherFolder = v });
}

/// <summary>What a snapshot file tells of policies.</summary>
internal static class PolicyFormats
{
    private static readonly Format<PolicyKind> Kind = Spellings.Words("a kind of policy", PolicyKinds.Words);

    private static readonly Format<PolicyRecord> Record = new RecordFormat<PolicyRecord>(new PolicyRecord(PolicyKind.Capability))
        .Required("kind", Kind, x => x.Kind, (x, v) => x with { Kind = v })
        .Field("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("where", Plain.TextOrNull, x => x.Where, (x, v) => x with { Where = v })
        .Field("detail", Plain.TextOrNull, x => x.Detail, (x, v) => x with { Detail = v })
        .Field("hook", Spellings.PolicyHook, x => x.Hook, (x, v) => x with { Hook = v })
        .Field("governsCaller", Plain.Boolean, x => x.GovernsCaller, (x, v) => x with { GovernsCaller = v })
        .Field("denies", Spellings.Fact, x => x.Denies, (x, v) => x with { Denies = v });

    public static readonly Format<PolicySurvey> Survey = new RecordFormat<PolicySurvey>(new PolicySurvey())
        .Field("processId", Plain.Int32.OrNull(), x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Field("noNewPrivileges", Spellings.Fact, x => x.NoNewPrivileges, (x, v) => x with { NoNewPrivileges = v })
        .Field("found", Record.List(), x => x.Found, (x, v) => x with { Found = v })
        .Field("absent", Kind.List(), x => x.Absent, (x, v) => x with { Absent = v })
        .Field("unread", Plain.Texts, x => x.Unread, (x, v) => x with { Unread = v });
}

/// <summary>What a snapshot file tells of the kernel's own sockets.</summary>
internal static class KernelFormats
{
    private static readonly Format<KernelServiceKind> Kind = Spellings.Words("a kind of kernel service", KernelKinds.Words);

    private static readonly Format<KernelService> Service =
        new RecordFormat<KernelService>(new KernelService(KernelServiceKind.Other, Protocol.Tcp))
        .Required("kind", Kind, x => x.Kind, (x, v) => x with { Kind = v })
        .Field("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("address", Spellings.Address.OrNull(), x => x.Address, (x, v) => x with { Address = v })
        .Field("port", Plain.UInt16.OrNull(), x => x.Port, (x, v) => x with { Port = v })
        .Field("remote", Spellings.Endpoint.OrNull(), x => x.Remote, (x, v) => x with { Remote = v })
        .Field("source", Plain.Text, x => x.Source, (x, v) => x with { Source = v });

    private static readonly Format<KernelSocketRecord> Socket = new RecordFormat<KernelSocketRecord>(new KernelSocketRecord(0))
        .Required("cookie", Plain.UInt64, x => x.Cookie, (x, v) => x with { Cookie = v })
        .Field("openedByKernel", Spellings.Fact, x => x.OpenedByKernel, (x, v) => x with { OpenedByKernel = v })
        .Field("reuseAddress", Spellings.Fact, x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Spellings.Fact, x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("handler", Plain.TextOrNull, x => x.Handler, (x, v) => x with { Handler = v })
        .Field("module", Plain.TextOrNull, x => x.Module, (x, v) => x with { Module = v });

    public static readonly Format<KernelSurvey> Survey = new RecordFormat<KernelSurvey>(new KernelSurvey())
        .Field("services", Service.List(), x => x.Services, (x, v) => x with { Services = v })
        .Field("sockets", Socket.List(), x => x.Sockets, (x, v) => x with { Sockets = v })
        .Field("socketsWalked", Plain.Boolean, x => x.SocketsWalked, (x, v) => x with { SocketsWalked = v })
        .Field("unread", Plain.Texts, x => x.Unread, (x, v) => x with { Unread = v })
        .Field("isFirstNamespace", Plain.Boolean.OrNull(), x => x.IsFirstNamespace, (x, v) => x with { IsFirstNamespace = v });
}

/// <summary>What a snapshot file tells of containers and socket units.</summary>
internal static class ProvenanceFormats
{
    private static readonly Format<PublishedPort> Published = new RecordFormat<PublishedPort>(default)
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("hostAddress", Spellings.Address.OrNull(), x => x.HostAddress, (x, v) => x with { HostAddress = v })
        .Required("hostPort", Plain.UInt16, x => x.HostPort, (x, v) => x with { HostPort = v })
        .Required("containerPort", Plain.UInt16, x => x.ContainerPort, (x, v) => x with { ContainerPort = v });

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
        .Field("isToldByEngine", Plain.Boolean, x => x.IsReportedByEngine, (x, v) => x with { IsReportedByEngine = v })
        .Field("restarts", Plain.Int32.OrNull(), x => x.Restarts, (x, v) => x with { Restarts = v })
        .Field("published", Published.List(), x => x.Published, (x, v) => x with { Published = v })
        .Field("addresses", Spellings.Address.List(), x => x.Addresses, (x, v) => x with { Addresses = v });

    private static readonly Format<SocketUnitListen> Listen =
        new RecordFormat<SocketUnitListen>(new SocketUnitListen(SocketUnitKind.Stream, ""))
        .Required("kind", Spellings.SocketUnitKind, x => x.Kind, (x, v) => x with { Kind = v })
        .Required("address", Plain.Text, x => x.Address, (x, v) => x with { Address = v });

    public static readonly Format<SocketUnitRecord> SocketUnit = new RecordFormat<SocketUnitRecord>(new SocketUnitRecord { Name = "" })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("service", Plain.Text, x => x.Service, (x, v) => x with { Service = v })
        .Field("listens", Listen.List(), x => x.Listens, (x, v) => x with { Listens = v })
        .Field("v6Only", Plain.Boolean.OrNull(), x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("accepts", Plain.Boolean, x => x.Accepts, (x, v) => x with { Accepts = v })
        .Field("isEnabled", Plain.Boolean, x => x.IsEnabled, (x, v) => x with { IsEnabled = v })
        .Field("managerId", Plain.Int32, x => x.ManagerId, (x, v) => x with { ManagerId = v });
}
