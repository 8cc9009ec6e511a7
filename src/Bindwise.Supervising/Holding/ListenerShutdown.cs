using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// shutdown(2) of a kept listening socket would reset every connection that waits in it. In its place the program gets a socket that does not
/// listen, of which accept(2) fails with EINVAL as after a shutdown, and threads that wait in accept() already are woken by a connection each.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ListenerShutdown
{
    private const int MostThreads = 64;

    /// <summary>Plays it and answers the call.</summary>
    /// <returns>False where it was not done: the call is the kernel's.</returns>
    internal static bool Play(SafeFileDescriptor listener, in SystemCallNotice call, TrappedSocket socket, bool isClosedOnExec)
    {
        if (SocketOptionCall.Get(socket.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.AcceptsConnections, out int accepts) != Errno.None || accepts == 0
            || SocketOptionCall.Get(socket.Copy, SocketOptionCall.LevelSocket, SocketOptionCall.Protocol, out int protocol) != Errno.None)
            return false;
        var descriptor = unchecked((int)call.Argument0);
        var waiting = CountAccepting(ThreadFile.Leader(unchecked((int)call.Thread)), descriptor);
        var errno = SocketCall.Open(socket.Family, SocketCall.TypeStream, protocol, out var deaf);
        using (deaf)
        {
            if (errno != Errno.None || SeccompListener.SetDescriptor(listener, call.Id, deaf, descriptor, isClosedOnExec) != Errno.None)
                return false;
        }
        SeccompListener.Answer(listener, call.Id, Errno.None);
        for (; waiting > 0; waiting--)
            Wake(socket);
        return true;
    }

    // The first of the fields of /proc/PID/task/TID/syscall: the call's number and its first argument.
    private static int CountAccepting(int process, int descriptor)
    {
        var (accept, accept4) = (Digits(SystemCallNumber.Accept), Digits(SystemCallNumber.Accept4));
        var wanted = string.Create(CultureInfo.InvariantCulture, $"0x{descriptor:x}");
        var count = 0;
        foreach (var thread in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"), MostThreads))
        {
            var words = Encoding.ASCII.GetString(ThreadFile.Read(thread, "syscall"u8)).Split(' ');
            if (words is [var number, var first, ..] && (number == accept || number == accept4) && first == wanted)
                count++;
        }
        return count;
    }

    private static string Digits(nint number) => number.ToString(CultureInfo.InvariantCulture);

    // One of another network namespace is not reached: its threads wait on until the program is ended.
    private static void Wake(TrappedSocket socket)
    {
        if (socket.Local is not { } local || SocketCall.Open(socket.Family, SocketCall.TypeStream | SocketCall.NonBlocking, 0, out var client) != Errno.None)
            return;
        using (client)
        {
            if (SocketKey.Of(socket, local, 0).Network != NetworkOf(client))
                return;
            Span<byte> room = stackalloc byte[SocketAddressIPv6.SizeBytes];
            _ = ConnectCall.Connect(client, SocketAddress.Write(room, local, 0));
        }
    }

    private static ulong NetworkOf(SafeFileDescriptor socket) =>
        SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.NetworkCookie, out ulong cookie) == Errno.None ? cookie : 0;
}
