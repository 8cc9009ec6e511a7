using System.Runtime.InteropServices;
using System.Text;

namespace Bindwise.Linux.Native;

/// <summary>SIOCGIFINDEX (netdevice(7)): an interface's index in the namespace of a socket, whatever that of the thread.</summary>
internal static partial class InterfaceIndexCall
{
    private const nuint GetIndex = 0x8933;
    private const int RequestBytes = 40;

    /// <summary>IFNAMSIZ.</summary>
    private const int NameBytes = 16;

    /// <summary>Asks by name.</summary>
    /// <returns>None, or ENODEV.</returns>
    internal static unsafe Errno Find(SafeFileDescriptor socket, string name, out uint index)
    {
        index = 0;
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        // The last byte stays NUL; a name that does not fit is no interface's.
        if (!Encoding.UTF8.TryGetBytes(name, request[..(NameBytes - 1)], out _))
            return Errno.ENODEV;
        fixed (byte* start = request)
        {
            if (IoctlCore(socket, GetIndex, start) < 0)
                return (Errno)Marshal.GetLastPInvokeError();
        }
        index = MemoryMarshal.Read<uint>(request[NameBytes..]);
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int IoctlCore(SafeFileDescriptor socket, nuint request, byte* argument);
}
