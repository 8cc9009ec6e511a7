using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Kernel;

/// <summary>A socket by raw system calls: no option is touched that the test does not set.</summary>
public sealed partial class RawSocket : IDisposable
{
    private readonly SafeFileDescriptor _socket;
    private readonly IpFamily _family;

    private RawSocket(SafeFileDescriptor socket, IpFamily family)
    {
        _socket = socket;
        _family = family;
    }

    /// <summary>The descriptor's number.</summary>
    public int Descriptor => _socket.Number;

    internal static RawSocket Tcp(IpFamily family = IpFamily.IPv4) => Open((int)family, SocketCall.TypeStream, family);

    internal static RawSocket Udp(IpFamily family = IpFamily.IPv4) => Open((int)family, SocketCall.TypeDatagram, family);

    public static RawSocket Unix(int type = SocketCall.TypeStream) => Open(SocketCall.FamilyUnix, type, IpFamily.IPv4);

    /// <summary>A TCP socket that listens on the address and port.</summary>
    public static RawSocket TcpListener(string address, ushort port, bool reuseAddress = false)
    {
        var (ip, _) = Parse(address);
        var socket = Tcp(ip.Family);
        if (reuseAddress)
            socket.Set(1, 2, 1);
        return socket.Bind(address, port).Listen();
    }

    public RawSocket Set(int level, int name, int value)
    {
        Check("setsockopt", SocketOptionCall.Set(_socket, level, name, value));
        return this;
    }

    /// <summary>SO_LINGER with no time: close() sends a reset and leaves nothing.</summary>
    public RawSocket ResetOnClose()
    {
        Check("SO_LINGER", SocketOptionCall.Set(_socket, 1, 13, [1, 0, 0, 0, 0, 0, 0, 0]));
        return this;
    }

    public RawSocket BindToDevice(string device)
    {
        Check("SO_BINDTODEVICE", SocketOptionCall.Set(_socket, 1, 25, Encoding.UTF8.GetBytes(device)));
        return this;
    }

    /// <summary>Lets children inherit the descriptor (FD_CLOEXEC off).</summary>
    public void KeepOnExec() => Check("fcntl", SetFlagsCore(_socket.Number, 2, 0));

    public RawSocket Bind(string address, ushort port)
    {
        Check("bind", TryBind(address, port));
        return this;
    }

    internal unsafe Errno TryBind(string address, ushort port)
    {
        var bytes = stackalloc byte[28];
        var length = Write(bytes, address, port);
        return BindCore(_socket.Number, bytes, length) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    public unsafe RawSocket BindUnix(byte[] name)
    {
        var bytes = stackalloc byte[112];
        *(ushort*)bytes = SocketCall.FamilyUnix;
        name.CopyTo(new Span<byte>(bytes + 2, 110));
        var length = 2 + name.Length + (name[0] == 0 ? 0 : 1);
        Check("bind", BindCore(_socket.Number, bytes, length));
        return this;
    }

    public unsafe RawSocket ConnectUnix(byte[] name)
    {
        var bytes = stackalloc byte[112];
        *(ushort*)bytes = SocketCall.FamilyUnix;
        name.CopyTo(new Span<byte>(bytes + 2, 110));
        Check("connect", ConnectCore(_socket.Number, bytes, 2 + name.Length + (name[0] == 0 ? 0 : 1)));
        return this;
    }

    public RawSocket Listen(int backlog = 16)
    {
        Check("listen", ListenCore(_socket.Number, backlog));
        return this;
    }

    public unsafe RawSocket Connect(string address, ushort port)
    {
        var bytes = stackalloc byte[28];
        var length = Write(bytes, address, port);
        Check("connect", ConnectCore(_socket.Number, bytes, length));
        return this;
    }

    public unsafe RawSocket Accept()
    {
        var number = AcceptCore(_socket.Number, null, null, 0x80000);
        Check("accept", number);
        return new RawSocket(new SafeFileDescriptor(number), _family);
    }

    public unsafe RawSocket Send(int count)
    {
        var data = new byte[count];
        fixed (byte* start = data)
            Check("send", (int)SendCore(_socket.Number, start, (nuint)count, 0x4000));
        return this;
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public unsafe RawSocket Receive(int count)
    {
        var data = new byte[count];
        fixed (byte* start = data)
            Check("recv", (int)ReceiveCore(_socket.Number, start, (nuint)count, 0x100));
        return this;
    }

    /// <summary>shutdown(SHUT_WR).</summary>
    public RawSocket ShutdownWrite()
    {
        Check("shutdown", ShutdownCore(_socket.Number, 1));
        return this;
    }

    /// <summary>The local port (getsockname).</summary>
    public unsafe ushort LocalPort
    {
        get
        {
            var bytes = stackalloc byte[28];
            var length = 28;
            Check("getsockname", GetNameCore(_socket.Number, bytes, &length));
            return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(bytes + 2, 2));
        }
    }

    /// <summary>The inode, as /proc/self/fd shows it.</summary>
    public ulong Inode
    {
        get
        {
            var link = new FileInfo($"/proc/self/fd/{_socket.Number}").LinkTarget!;
            return ulong.Parse(link["socket:[".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public ulong Cookie
    {
        get
        {
            Check("SO_COOKIE", SocketOptionCall.Get<ulong>(_socket, 1, 57, out var cookie));
            return cookie;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static RawSocket Open(int family, int type, IpFamily ipFamily)
    {
        Check("socket", SocketCall.Open(family, type, 0, out var socket));
        return new RawSocket(socket, ipFamily);
    }

    private static (IpAddress Address, uint Scope) Parse(string text)
    {
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        var scope = percent < 0 ? 0 : uint.Parse(text[(percent + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return IpAddress.TryParse(percent < 0 ? text : text[..percent], out var address)
            ? (address, scope) : throw new ArgumentException("no address: " + text, nameof(text));
    }

    private static unsafe int Write(byte* bytes, string text, ushort port)
    {
        var (address, scope) = Parse(text);
        var span = new Span<byte>(bytes, 28);
        span.Clear();
        MemoryMarshal.Write(span, (ushort)address.Family);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], port);
        address.WriteTo(span[(address.Family == IpFamily.IPv4 ? 4 : 8)..]);
        if (address.Family == IpFamily.IPv6)
            MemoryMarshal.Write(span[24..], scope);
        return address.Family == IpFamily.IPv4 ? 16 : 28;
    }

    private static void Check(string call, Errno errno)
    {
        if (errno != Errno.None)
            throw new InvalidOperationException($"{call}: {errno}");
    }

    private static void Check(string call, int result)
    {
        if (result < 0)
            throw new InvalidOperationException($"{call}: {(Errno)Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int SetFlagsCore(int descriptor, int command, int flags);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static unsafe partial int BindCore(int socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static unsafe partial int ConnectCore(int socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenCore(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static unsafe partial int AcceptCore(int socket, byte* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int ShutdownCore(int socket, int how);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static unsafe partial int GetNameCore(int socket, byte* address, int* length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint SendCore(int socket, byte* data, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static unsafe partial nint ReceiveCore(int socket, byte* data, nuint length, int flags);
}
