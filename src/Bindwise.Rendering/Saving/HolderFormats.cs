using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Saving;

/// <summary>Who holds sockets, and by what, in a snapshot file.</summary>
internal static class HolderFormats
{
    /// <summary>A holder. Files of before <c>way</c> have <c>isRegistered</c> in its place, and a thread where its own table is meant.</summary>
    public static readonly Format<Holder> Holder = new RecordFormat<Holder>(new Holder(0, 0, 0))
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Required("processId", Plain.Int32, x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Required("descriptor", Plain.Int32, x => x.Descriptor, (x, v) => x with { Descriptor = v })
        .Field("closeOnExec", Plain.Boolean.OrNull(), x => x.CloseOnExec, (x, v) => x with { CloseOnExec = v })
        .Field("threadId", Plain.Int32.OrNull(), x => x.ThreadId, (x, v) => x with { ThreadId = v, Way = v is null ? x.Way : HoldingWay.ThreadTable })
        .Former("isRegistered", Plain.Boolean, (x, v) => v ? x with { Way = HoldingWay.IoUring } : x)
        .Field("way", Spellings.HoldingWay, x => x.Way, (x, v) => x with { Way = v })
        .Field("call", Plain.TextOrNull, x => x.Call, (x, v) => x with { Call = v })
        .Field("isInferred", Plain.Boolean, x => x.IsInferred, (x, v) => x with { IsInferred = v });

    /// <summary>Descriptors on their way.</summary>
    public static readonly Format<ScmRightsInFlight> Flight = new RecordFormat<ScmRightsInFlight>(new ScmRightsInFlight(0, 0, 0, 0))
        .Required("processId", Plain.Int32, x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Required("descriptor", Plain.Int32, x => x.Descriptor, (x, v) => x with { Descriptor = v })
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Field("carried", Plain.UInt64, x => x.Carried, (x, v) => x with { Carried = v })
        .Field("isUnaccepted", Plain.Boolean, x => x.IsUnaccepted, (x, v) => x with { IsUnaccepted = v })
        .Field("senderInode", Plain.UInt64, x => x.SenderInode, (x, v) => x with { SenderInode = v })
        .Field("senders", Plain.Int32.List(), x => x.Senders, (x, v) => x with { Senders = v })
        .Field("senderUserId", Plain.UInt32.OrNull(), x => x.SenderUserId, (x, v) => x with { SenderUserId = v });

    /// <summary>Holders that are not listed.</summary>
    public static readonly Format<HolderTally> Tally = new RecordFormat<HolderTally>(new HolderTally(0, 0))
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Required("omitted", Plain.Int32, x => x.Omitted, (x, v) => x with { Omitted = v });

    /// <summary>Who may have made a socket.</summary>
    public static readonly Format<CreatorHint> Hint = new RecordFormat<CreatorHint>(new CreatorHint(0))
        .Required("inode", Plain.UInt64, x => x.Inode, (x, v) => x with { Inode = v })
        .Field("userName", Plain.TextOrNull, x => x.UserName, (x, v) => x with { UserName = v })
        .Field("cgroup", Plain.TextOrNull, x => x.Cgroup, (x, v) => x with { Cgroup = v })
        .Field("unit", Plain.TextOrNull, x => x.Unit, (x, v) => x with { Unit = v })
        .Field("container", Plain.TextOrNull, x => x.Container, (x, v) => x with { Container = v });
}
