using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Saving;

/// <summary>What a snapshot file tells of the host and of who asks.</summary>
internal static class HostFormats
{
    /// <summary>The sysctls.</summary>
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
        .Field("finTimeoutSeconds", Plain.Int32.OrNull(), x => x.FinTimeoutSeconds, (x, v) => x with { FinTimeoutSeconds = v })
        .Field("hasIPv4", Plain.Boolean, x => x.HasIPv4, (x, v) => x with { HasIPv4 = v })
        .Field("hasIPv6", Plain.Boolean, x => x.HasIPv6, (x, v) => x with { HasIPv6 = v })
        .Field("disableIPv6", Plain.Boolean.OrNull(), x => x.DisableIPv6, (x, v) => x with { DisableIPv6 = v });

    private static readonly Format<InterfaceAddress> InterfaceAddress = new RecordFormat<InterfaceAddress>(new InterfaceAddress(default, 0))
        .Required("address", Spellings.Address, x => x.Address, (x, v) => x with { Address = v })
        .Required("prefixLength", Plain.Int32, x => x.PrefixLength, (x, v) => x with { PrefixLength = v })
        .Field("isTentative", Plain.Boolean, x => x.IsTentative, (x, v) => x with { IsTentative = v })
        .Field("isDuplicate", Plain.Boolean, x => x.IsDuplicate, (x, v) => x with { IsDuplicate = v });

    /// <summary>An interface.</summary>
    public static readonly Format<InterfaceRecord> Interface = new RecordFormat<InterfaceRecord>(new InterfaceRecord { Index = 0, Name = "" })
        .Required("index", Plain.UInt32, x => x.Index, (x, v) => x with { Index = v })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("isUp", Plain.Boolean, x => x.IsUp, (x, v) => x with { IsUp = v })
        .Field("addresses", InterfaceAddress.List(), x => x.Addresses, (x, v) => x with { Addresses = v });

    /// <summary>What an address is to the host.</summary>
    public static readonly Format<AddressFact> AddressFact = new RecordFormat<AddressFact>(new AddressFact(default, AddressKind.Unknown))
        .Required("address", Spellings.Address, x => x.Address, (x, v) => x with { Address = v })
        .Required("kind", Spellings.AddressKind, x => x.Kind, (x, v) => x with { Kind = v });

    /// <summary>Who asked.</summary>
    public static readonly Format<Caller> Caller = new RecordFormat<Caller>(new Caller())
        .Field("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("mayBindPrivilegedPorts", Spellings.Fact, x => x.MayBindPrivilegedPorts, (x, v) => x with { MayBindPrivilegedPorts = v })
        .Field("mayReadEveryProcess", Spellings.Fact, x => x.MayReadEveryProcess, (x, v) => x with { MayReadEveryProcess = v })
        .Field("inInitialPidNamespace", Spellings.Fact, x => x.InInitialPidNamespace, (x, v) => x with { InInitialPidNamespace = v })
        .Field("processId", Plain.Int32, x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Field("ancestorIds", Plain.Int32.List(), x => x.AncestorIds, (x, v) => x with { AncestorIds = v })
        .Field("as", new OptionalFormat<Subject>(SubjectFormats.As), x => x.As, (x, v) => x with { As = v });

    /// <summary>A name that was looked up.</summary>
    public static readonly Format<NameLookup> Name = new RecordFormat<NameLookup>(new NameLookup(NameKind.Host, "", []))
        .Required("kind", Spellings.NameKind, x => x.Kind, (x, v) => x with { Kind = v })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Required("addresses", Spellings.Address.List(), x => x.Addresses, (x, v) => x with { Addresses = v })
        .Field("port", Plain.UInt16.OrNull(), x => x.Port, (x, v) => x with { Port = v });

    /// <summary>What stands at a UNIX path.</summary>
    public static readonly Format<UnixPathRecord> UnixPath = new RecordFormat<UnixPathRecord>(new UnixPathRecord { Path = "" })
        .Required("path", Plain.Text, x => x.Path, (x, v) => x with { Path = v })
        .Field("exists", Plain.Boolean, x => x.Exists, (x, v) => x with { Exists = v })
        .Field("isSocket", Plain.Boolean, x => x.IsSocket, (x, v) => x with { IsSocket = v })
        .Field("kind", Plain.Text, x => x.Kind, (x, v) => x with { Kind = v })
        .Field("userId", Plain.UInt32, x => x.UserId, (x, v) => x with { UserId = v })
        .Field("fileInode", Plain.UInt64, x => x.FileInode, (x, v) => x with { FileInode = v })
        .Field("isServed", Spellings.Fact, x => x.IsServed, (x, v) => x with { IsServed = v })
        .Field("connectErrno", Plain.Int32.OrNull(), x => x.ConnectErrno, (x, v) => x with { ConnectErrno = v })
        .Field("server", new OptionalFormat<ProcessRecord>(SocketFormats.Process), x => x.Server, (x, v) => x with { Server = v })
        .Field("parentErrno", Plain.Int32, x => x.ParentErrno, (x, v) => x with { ParentErrno = v });
}
