using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>What the program writes for a socket that waits in the queue of a UNIX socket, all by inode.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScmRightsRow
{
    /// <summary>The size of one, in bytes.</summary>
    internal const int SizeBytes = 40;

    /// <summary>The user stands for none.</summary>
    internal const uint NoUser = uint.MaxValue;

    /// <summary>The socket that waits; 0: the queue is longer than the program looks.</summary>
    internal ulong Carried { get; init; }

    /// <summary>The socket in whose queue it waits; 0 for a connection that is not accepted yet.</summary>
    internal ulong Receiver { get; init; }

    /// <summary>The listening socket at which that connection waits; 0 for others.</summary>
    internal ulong Listener { get; init; }

    /// <summary>The socket by which it was sent; 0 when that is closed.</summary>
    internal ulong Sender { get; init; }

    /// <summary>The user who sent it, as the initial user namespace numbers users.</summary>
    internal uint User { get; init; }

    private readonly uint _padding;
}
