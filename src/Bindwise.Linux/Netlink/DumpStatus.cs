namespace Bindwise.Linux.Netlink;

/// <summary>How a netlink exchange ended.</summary>
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
