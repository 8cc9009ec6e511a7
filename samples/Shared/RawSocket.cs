using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Samples;

/// <summary>
/// A TCP socket over IPv4, by raw system calls: System.Net.Sockets sets SO_REUSEADDR before every bind() and would hide
/// the very error that these programs show. Numbers are those of Linux on x86-64 and arm64.
/// </summary>
internal sealed partial class RawSocket : IDisposable
{
    private const int AfInet = 2;
    private const int SockStream = 1;
    private const int SockCloseOnExec = 0x80000;
    private const int SolSocket = 1;
    private const int SoReuseAddress = 2;
    private const int SoReceiveTimeout = 20;
    private const int SendNoSignal = 0x4000;

    private int _descriptor;

    private RawSocket(int descriptor) => _descriptor = descriptor;

    /// <summary>socket(2).</summary>
    public static RawSocket Open() => new(Checked("socket", OpenCore(AfInet, SockStream | SockCloseOnExec, 0)));

    /// <summary>SO_REUSEADDR: counts only when it is set before bind(), and when the old socket had set it as well.</summary>
    public void SetReuseAddress() => SetOption(SoReuseAddress, [1]);

    /// <summary>The longest that <see cref="Accept"/> and <see cref="Receive"/> wait; then they fail with EAGAIN.</summary>
    public void SetReceiveTimeout(TimeSpan limit) => SetOption(SoReceiveTimeout, [(long)limit.TotalSeconds, 0]);

    /// <summary>bind(2) to 0.0.0.0, exactly one system call.</summary>
    public void Bind(ushort port)
    {
        var errno = TryBind(port);
        if (errno != 0)
            throw new SystemCallException("bind", errno);
    }

    /// <summary>bind(2) to 0.0.0.0: 0, or the errno.</summary>
    public int TryBind(ushort port) => BindCore(_descriptor, AddressOf(0, port), 16) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>listen(2).</summary>
    public void Listen() => Checked("listen", ListenCore(_descriptor, 16));

    /// <summary>accept4(2): waits for the next client.</summary>
    public RawSocket Accept()
    {
        while (true)
        {
            var descriptor = AcceptCore(_descriptor, 0, 0, SockCloseOnExec);
            var errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (errno != SystemCallException.Interrupted)
                return errno == 0 ? new RawSocket(descriptor) : throw new SystemCallException("accept", errno);
        }
    }

    /// <summary>connect(2) to 127.0.0.1.</summary>
    public void Connect(ushort port) => Checked("connect", ConnectCore(_descriptor, AddressOf(0x7F00_0001, port), 16));

    /// <summary>send(2) of a few bytes.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => Checked("send", (int)SendCore(_descriptor, bytes, (nuint)bytes.Length, SendNoSignal));

    /// <summary>recv(2): the number of bytes, 0 when the other side has closed.</summary>
    public int Receive(Span<byte> buffer)
    {
        while (true)
        {
            var count = (int)ReceiveCore(_descriptor, buffer, (nuint)buffer.Length, 0);
            var errno = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (errno != SystemCallException.Interrupted)
                return errno == 0 ? count : throw new SystemCallException("recv", errno);
        }
    }

    /// <summary>Reads until the other side closes.</summary>
    public void ReceiveUntilClosed()
    {
        Span<byte> buffer = stackalloc byte[512];
        while (Receive(buffer) > 0)
        {
        }
    }

    /// <summary>close(2): sends the FIN, unless unread bytes turn it into a reset.</summary>
    public void Dispose()
    {
        if (_descriptor >= 0)
            _ = CloseCore(_descriptor);
        _descriptor = -1;
    }

    private void SetOption(int option, ReadOnlySpan<long> value) =>
        Checked("setsockopt", SetOptionCore(_descriptor, SolSocket, option, value, (uint)(value.Length * sizeof(long))));

    private static int Checked(string call, int result) =>
        result >= 0 ? result : throw new SystemCallException(call, Marshal.GetLastPInvokeError());

    /// <summary>struct sockaddr_in: family in host order, port and address in network order.</summary>
    private static byte[] AddressOf(uint address, ushort port)
    {
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, (ushort)AfInet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), address);
        return bytes;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenCore(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOptionCore(int descriptor, int level, int option, ReadOnlySpan<long> value, uint lengthBytes);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int BindCore(int descriptor, ReadOnlySpan<byte> address, uint lengthBytes);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenCore(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int AcceptCore(int descriptor, nint address, nint lengthBytes, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int ConnectCore(int descriptor, ReadOnlySpan<byte> address, uint lengthBytes);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendCore(int descriptor, ReadOnlySpan<byte> bytes, nuint lengthBytes, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveCore(int descriptor, Span<byte> buffer, nuint lengthBytes, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCore(int descriptor);
}
