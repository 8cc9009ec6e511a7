using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>sendto(2) and recvfrom(2) as netlink(7) needs them: to the kernel, and with the sender told.</summary>
internal static partial class NetlinkCall
{
    /// <summary>MSG_TRUNC: the answer's whole length comes back even when the buffer is shorter.</summary>
    private const int ReportTruncation = 0x20;

    internal static unsafe Errno Send(SafeFileDescriptor socket, ReadOnlySpan<byte> request)
    {
        var kernel = new NetlinkAddress { Family = SocketCall.FamilyNetlink };
        fixed (byte* start = request)
        {
            while (true)
            {
                if (SendToCore(socket, start, (nuint)request.Length, 0, &kernel, NetlinkAddress.SizeBytes) >= 0)
                    return Errno.None;
                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return errno;
            }
        }
    }

    /// <summary>Waits for one datagram, at most as long as SO_RCVTIMEO says (then EAGAIN).</summary>
    /// <param name="socket">The netlink socket.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="lengthBytes">The datagram's length; more than the buffer's when it was cut.</param>
    /// <param name="senderPortId">Who sent it: 0 is the kernel.</param>
    internal static unsafe Errno Receive(SafeFileDescriptor socket, Span<byte> buffer, out int lengthBytes, out uint senderPortId)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var sender = default(NetlinkAddress);
                var senderBytes = NetlinkAddress.SizeBytes;
                var got = ReceiveFromCore(socket, start, (nuint)buffer.Length, ReportTruncation, &sender, &senderBytes);
                senderPortId = sender.PortId;
                lengthBytes = got < 0 ? 0 : (int)got;
                if (got >= 0)
                    return Errno.None;
                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return errno;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static unsafe partial nint SendToCore(
        SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags, NetlinkAddress* to, int toBytes);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static unsafe partial nint ReceiveFromCore(
        SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags, NetlinkAddress* from, int* fromBytes);
}
