using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Kernel;

/// <summary>Runs code on a thread of its own in a fresh network namespace with loopback up; both are gone afterwards.</summary>
public static partial class NetworkNamespace
{
    private const int CloneNewNetwork = 0x40000000;
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const short InterfaceUp = 1;

    /// <summary>Runs the code to its end and throws what it throws.</summary>
    public static void Run(Action code)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Check("unshare", Unshare(CloneNewNetwork));
                SetLoopbackUp();
                // On a busy machine a FIN may be sent again to a client that has closed, whose RST would end the TIME_WAIT that a test is about.
                File.WriteAllText("/proc/sys/net/ipv4/tcp_rfc1337", "1");
                code();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Starts code on another thread in the calling thread's namespace. What it throws ends the process: let it count instead.</summary>
    public static Thread StartBeside(Action code)
    {
        Check("open", NamespaceCall.Open("/proc/thread-self/ns/net\0"u8, out var file) == Errno.None ? 0 : -1);
        var thread = new Thread(() =>
        {
            using (file)
                Check("setns", SetNamespace(file.Number, CloneNewNetwork));
            code();
        });
        thread.Start();
        return thread;
    }

    private static unsafe void SetLoopbackUp()
    {
        Check("socket", SocketCall.Open(SocketCall.FamilyIPv4, SocketCall.TypeDatagram, 0, out var socket) == Errno.None ? 0 : -1);
        using (socket)
        {
            var request = stackalloc byte[40];
            request[0] = (byte)'l';
            request[1] = (byte)'o';
            Check("SIOCGIFFLAGS", Ioctl(socket.Number, GetFlags, request));
            *(short*)(request + 16) |= InterfaceUp;
            Check("SIOCSIFFLAGS", Ioctl(socket.Number, SetFlags, request));
        }
    }

    private static void Check(string call, int result)
    {
        if (result < 0)
            throw new InvalidOperationException($"{call}: {(Errno)Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int Ioctl(int descriptor, nuint request, byte* argument);
}
