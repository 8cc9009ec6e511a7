using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>
/// A file's bytes, outside the heap: mapped by mmap(2) where the file allows it (/sys/kernel/btf/vmlinux does since Linux 6.16), else read
/// into memory that goes back to the system with the handle.
/// </summary>
internal sealed partial class MappedFile : SafeHandle
{
    private const int ProtectRead = 1;
    private const int ProtectReadWrite = 3;
    private const int MapPrivate = 2;
    private const int MapAnonymous = 0x20;

    private int _sizeBytes;
    private int _lengthBytes;

    internal MappedFile()
        : base(-1, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>The bytes. Only to be used while the handle is open.</summary>
    internal unsafe ReadOnlySpan<byte> Bytes => IsInvalid || IsClosed ? [] : new ReadOnlySpan<byte>((void*)handle, _lengthBytes);

    /// <summary>Makes the bytes readable of a file that never shrinks: a mapped page that is gone would end the program (SIGBUS).</summary>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="limitBytes">The largest file that is taken.</param>
    /// <param name="file">The bytes; invalid on failure.</param>
    /// <returns>EINVAL for an empty file and for one beyond the limit.</returns>
    internal static Errno Open(ReadOnlySpan<byte> path, int limitBytes, out MappedFile file)
    {
        file = new MappedFile();
        var errno = OpenAt.Open(OpenAt.WorkingDirectory, path, out var descriptor);
        if (errno != Errno.None)
            return errno;
        try
        {
            errno = StatX.OfDescriptor(descriptor, out var status);
            if (errno != Errno.None)
                return errno;
            if (status.LengthBytes is 0 || status.LengthBytes > (ulong)limitBytes)
                return Errno.EINVAL;
            file._sizeBytes = (int)status.LengthBytes;
            return file.Map(descriptor) == Errno.None ? Errno.None : file.Read(descriptor);
        }
        finally
        {
            CloseDescriptor.Close(descriptor);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => UnmapCore(handle, (nuint)_sizeBytes) == 0;

    private Errno Map(int descriptor)
    {
        var start = MapCore(0, (nuint)_sizeBytes, ProtectRead, MapPrivate, descriptor, 0);
        if (start == -1)
            return (Errno)Marshal.GetLastPInvokeError();
        SetHandle(start);
        _lengthBytes = _sizeBytes;
        return Errno.None;
    }

    private unsafe Errno Read(int descriptor)
    {
        var start = MapCore(0, (nuint)_sizeBytes, ProtectReadWrite, MapPrivate | MapAnonymous, -1, 0);
        if (start == -1)
            return (Errno)Marshal.GetLastPInvokeError();
        SetHandle(start);
        while (_lengthBytes < _sizeBytes)
        {
            var errno = ReadDescriptor.Read(descriptor, new Span<byte>((void*)(start + _lengthBytes), _sizeBytes - _lengthBytes), out var more);
            if (errno != Errno.None || more == 0)
                return errno;
            _lengthBytes += more;
        }

        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapCore(nint address, nuint sizeBytes, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapCore(nint address, nuint sizeBytes);
}
