namespace Bindwise.Rendering.Saving;

/// <summary>Sockets and their holders in a snapshot file.</summary>
internal static class SocketFormats
{
    public static readonly Format<HeldSocket> Socket =
        new RecordFormat<HeldSocket>(new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Close })
        .Required("protocol", Spellings.Protocol, x => x.Protocol, (x, v) => x with { Protocol = v })
        .Field("family", Spellings.Family, x => x.Family, (x, v) => x with { Family = v })
        .Required("state", Spellings.State, x => x.State, (x, v) => x with { State = v })
        .Field("local", Spellings.Endpoint, x => x.Local, (x, v) => x with { Local = v })
        .Field("remote", Spellings.Endpoint, x => x.Remote, (x, v) => x with { Remote = v })
        .Field("path", Plain.TextOrNull, x => x.Path, (x, v) => x with { Path = v })
        .Field("socketType", Plain.Byte, x => x.SocketType, (x, v) => x with { SocketType = v })
        .Field("fileInode", Plain.UInt32, x => x.FileInode, (x, v) => x with { FileInode = v })
        .Field("reachedByHolder", Spellings.Fact, x => x.IsReachedByHolder, (x, v) => x with { IsReachedByHolder = v })
        .Field("deviceIndex", Plain.UInt32, x => x.DeviceIndex, (x, v) => x with { DeviceIndex = v })
        .Field("v6Only", Spellings.Fact, x => x.V6Only, (x, v) => x with { V6Only = v })
        .Field("reuseAddress", Spellings.Fact, x => x.ReuseAddress, (x, v) => x with { ReuseAddress = v })
        .Field("reusePort", Spellings.Fact, x => x.ReusePort, (x, v) => x with { ReusePort = v })
        .Field("resetsOnClose", Spellings.Fact, x => x.ResetsOnClose, (x, v) => x with { ResetsOnClose = v })
        .Field("userId", Plain.UInt32.OrNull(), x => x.UserId, (x, v) => x with { UserId = v })
        .Field("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Field("cookie", Plain.UInt64, x => x.Cookie, (x, v) => x with { Cookie = v })
        .Field("cgroupId", Plain.UInt64, x => x.CgroupId, (x, v) => x with { CgroupId = v })
        .Field("millisecondsLeft", Plain.Int32.OrNull(), x => x.MillisecondsLeft, (x, v) => x with { MillisecondsLeft = v })
        .Field("receiveQueue", Plain.UInt32, x => x.ReceiveQueue, (x, v) => x with { ReceiveQueue = v })
        .Field("sendQueue", Plain.UInt32, x => x.SendQueue, (x, v) => x with { SendQueue = v })
        .Field("openedHere", Spellings.Fact, x => x.OpenedHere, (x, v) => x with { OpenedHere = v })
        .Field("isMultipath", Spellings.Fact, x => x.IsMultipath, (x, v) => x with { IsMultipath = v })
        .Field("subflowState", Spellings.State.OrNull(), x => x.SubflowState, (x, v) => x with { SubflowState = v });

    public static readonly Format<SocketTally> Tally = new RecordFormat<SocketTally>(new SocketTally(TcpSocketState.Close, IpFamily.IPv4,
        default, 0, 0, null))
        .Required("state", Spellings.State, x => x.State, (x, v) => x with { State = v })
        .Required("family", Spellings.Family, x => x.Family, (x, v) => x with { Family = v })
        .Required("local", Spellings.Address, x => x.Local, (x, v) => x with { Local = v })
        .Required("deviceIndex", Plain.UInt32, x => x.DeviceIndex, (x, v) => x with { DeviceIndex = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Required("millisecondsLeft", Plain.Int32.OrNull(), x => x.MillisecondsLeft, (x, v) => x with { MillisecondsLeft = v });

    private static readonly Format<CgroupFreeze> Freeze = new RecordFormat<CgroupFreeze>(new CgroupFreeze { Path = "/" })
        .Required("path", Plain.Text, x => x.Path, (x, v) => x with { Path = v })
        .Field("files", Plain.Texts, x => x.Files, (x, v) => x with { Files = v })
        .Field("version1", Plain.Boolean, x => x.IsVersion1, (x, v) => x with { IsVersion1 = v });

    private static readonly Format<TracerRecord> Tracer = new RecordFormat<TracerRecord>(new TracerRecord(0, ""))
        .Required("id", Plain.Int32, x => x.Id, (x, v) => x with { Id = v })
        .Required("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v });

    private static readonly Format<SignalMasks> Signals = new RecordFormat<SignalMasks>(default)
        .Field("blocked", Plain.UInt64, x => x.Blocked, (x, v) => x with { Blocked = v })
        .Field("ignored", Plain.UInt64, x => x.Ignored, (x, v) => x with { Ignored = v })
        .Field("caught", Plain.UInt64, x => x.Caught, (x, v) => x with { Caught = v });

    public static readonly Format<ProcessRecord> Process = new RecordFormat<ProcessRecord>(new ProcessRecord { Id = 0 })
        .Required("id", Plain.Int32, x => x.Id, (x, v) => x with { Id = v })
        .Field("namespacePid", Plain.Int32.OrNull(), x => x.NamespacePid, (x, v) => x with { NamespacePid = v })
        .Field("parentId", Plain.Int32, x => x.ParentId, (x, v) => x with { ParentId = v })
        .Field("groupId", Plain.Int32, x => x.GroupId, (x, v) => x with { GroupId = v })
        .Field("sessionId", Plain.Int32, x => x.SessionId, (x, v) => x with { SessionId = v })
        .Field("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("arguments", Plain.Texts, x => x.Arguments, (x, v) => x with { Arguments = v })
        .Field("executable", Plain.TextOrNull, x => x.Executable, (x, v) => x with { Executable = v })
        .Field("builtFor", Spellings.Runtime.OrNull(), x => x.BuiltFor, (x, v) => x with { BuiltFor = v })
        .Field("executableDeleted", Plain.Boolean, x => x.ExecutableDeleted, (x, v) => x with { ExecutableDeleted = v })
        .Field("workingDirectory", Plain.TextOrNull, x => x.WorkingDirectory, (x, v) => x with { WorkingDirectory = v })
        .Field("userId", Plain.UInt32.OrNull(), x => x.UserId, (x, v) => x with { UserId = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("startTicks", Plain.UInt64, x => x.StartTicks, (x, v) => x with { StartTicks = v })
        .Field("startedAt", Spellings.Time.OrNull(), x => x.StartedAt, (x, v) => x with { StartedAt = v })
        .Field("reapedChildren", Plain.Boolean, x => x.HasReapedChildren, (x, v) => x with { HasReapedChildren = v })
        .Field("state", Spellings.Letter, x => x.State, (x, v) => x with { State = v })
        .Field("tracer", Tracer.Optional(), x => x.Tracer, (x, v) => x with { Tracer = v })
        .Field("livingThreads", Plain.Int32, x => x.LivingThreads, (x, v) => x with { LivingThreads = v })
        .Field("cgroup", Plain.TextOrNull, x => x.Cgroup, (x, v) => x with { Cgroup = v })
        .Field("cgroupId", Plain.UInt64, x => x.CgroupId, (x, v) => x with { CgroupId = v })
        .Field("freeze", Freeze.Optional(), x => x.Freeze, (x, v) => x with { Freeze = v })
        .Field("unit", Plain.TextOrNull, x => x.Unit, (x, v) => x with { Unit = v })
        .Field("container", Plain.TextOrNull, x => x.Container, (x, v) => x with { Container = v })
        .Field("terminal", Plain.TextOrNull, x => x.Terminal, (x, v) => x with { Terminal = v })
        .Field("stuck", Plain.Boolean, x => x.IsStuck, (x, v) => x with { IsStuck = v })
        .Field("inForeground", Plain.Boolean, x => x.IsInForeground, (x, v) => x with { IsInForeground = v })
        .Field("projectFolder", Plain.TextOrNull, x => x.ProjectFolder, (x, v) => x with { ProjectFolder = v })
        .Field("projectBranch", Plain.TextOrNull, x => x.ProjectBranch, (x, v) => x with { ProjectBranch = v })
        .Field("restarts", Plain.Int32.OrNull(), x => x.Restarts, (x, v) => x with { Restarts = v })
        .Field("supervisedAs", Plain.TextOrNull, x => x.SupervisedAs, (x, v) => x with { SupervisedAs = v })
        .Field("withoutSupervisorControl", Plain.Boolean, x => x.IsWithoutSupervisorControl,
            (x, v) => x with { IsWithoutSupervisorControl = v })
        .Field("signals", Signals.OrNull(), x => x.Signals, (x, v) => x with { Signals = v });
}

/// <summary>Who holds sockets, and by what, in a snapshot file.</summary>
internal static class HolderFormats
{
    /// <summary>
    /// A holder. Files of before <c>way</c> have <c>isRegistered</c> in its place, and a thread where its own table is meant.
    /// </summary>
    public static readonly Format<Holder> Holder = new RecordFormat<Holder>(new Holder(0, 0, 0))
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Required("processId", Plain.Int32, x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Required("descriptor", Plain.Int32, x => x.Descriptor, (x, v) => x with { Descriptor = v })
        .Field("closeOnExec", Plain.Boolean.OrNull(), x => x.CloseOnExec, (x, v) => x with { CloseOnExec = v })
        .Field("threadId", Plain.Int32.OrNull(), x => x.ThreadId,
            (x, v) => x with { ThreadId = v, Way = v is null ? x.Way : HoldingWay.ThreadTable })
        .Former("isRegistered", Plain.Boolean, (x, v) => v ? x with { Way = HoldingWay.IoUring } : x)
        .Field("way", Spellings.HoldingWay, x => x.Way, (x, v) => x with { Way = v })
        .Field("call", Plain.TextOrNull, x => x.Call, (x, v) => x with { Call = v })
        .Field("isInferred", Plain.Boolean, x => x.IsInferred, (x, v) => x with { IsInferred = v });

    public static readonly Format<ScmRightsInFlight> Flight = new RecordFormat<ScmRightsInFlight>(new ScmRightsInFlight
    {
        ProcessId = 0,
        Descriptor = 0,
        Inode = 0,
        Count = 0,
    })
        .Required("processId", Plain.Int32, x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Required("descriptor", Plain.Int32, x => x.Descriptor, (x, v) => x with { Descriptor = v })
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Field("carried", Plain.UInt64, x => x.Carried, (x, v) => x with { Carried = v })
        .Field("isUnaccepted", Plain.Boolean, x => x.IsUnaccepted, (x, v) => x with { IsUnaccepted = v })
        .Field("senderInode", Plain.UInt64, x => x.SenderInode, (x, v) => x with { SenderInode = v })
        .Field("senders", Plain.Int32.List(), x => x.Senders, (x, v) => x with { Senders = v })
        .Field("senderUserId", Plain.UInt32.OrNull(), x => x.SenderUserId, (x, v) => x with { SenderUserId = v });

    public static readonly Format<HolderTally> Tally = new RecordFormat<HolderTally>(new HolderTally(0, 0))
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Required("omitted", Plain.Int32, x => x.Omitted, (x, v) => x with { Omitted = v });

    public static readonly Format<CreatorHint> Hint = new RecordFormat<CreatorHint>(new CreatorHint { Inode = 0 })
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("isOutsideUser", Plain.Boolean, x => x.IsOutsideUser, (x, v) => x with { IsOutsideUser = v })
        .Field("cgroup", Plain.TextOrNull, x => x.Cgroup, (x, v) => x with { Cgroup = v })
        .Field("unit", Plain.TextOrNull, x => x.Unit, (x, v) => x with { Unit = v })
        .Field("container", Plain.TextOrNull, x => x.Container, (x, v) => x with { Container = v });
}
