namespace Bindwise.Linux.Netlink;

/// <summary>The end of a netlink exchange, with what a report needs.</summary>
/// <param name="Operation">What was asked, as <c>TCPDIAG_GETSOCK</c>.</param>
/// <param name="Errno">The kernel's errno; ETIMEDOUT when no answer came; None unless it failed.</param>
internal readonly record struct DumpOutcome(string Operation, DumpStatus Status, Errno Errno = Errno.None, uint Sequence = 0)
{
    internal bool IsComplete => Status == DumpStatus.Complete;

    /// <summary>The worse of two, to sum up an answer that takes several exchanges.</summary>
    internal DumpOutcome And(DumpOutcome other) => IsComplete || other.Status == DumpStatus.Failed ? other : this;

    public override string ToString() => Status == DumpStatus.Failed
        ? $"{Operation}: {Errno} (request {Sequence})"
        : $"{Operation}: {Status} (request {Sequence})";
}

internal enum DumpStatus : byte
{
    Complete,

    /// <summary>Read, but the table changed under each of the attempts (NLM_F_DUMP_INTR): entries may be missing.</summary>
    Partial,

    /// <summary>The kernel refused, or did not answer in time: <see cref="DumpOutcome.Errno"/>.</summary>
    Failed,

    /// <summary>
    /// Bytes that are no netlink message, or no end after <see cref="NetlinkSocket.MaximumDatagrams"/>: what was read before stands.
    /// </summary>
    Malformed,
}
