namespace Bindwise.Linux.Native;

/// <summary>Reads a small file into the caller's buffer; it is open no longer than that takes.</summary>
internal static class SmallFile
{
    /// <summary>Reads a file from its beginning until the buffer is full or the file ends.</summary>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="lengthBytes">How many bytes came; equal to the buffer's size when there may be more.</param>
    internal static Errno Read(ReadOnlySpan<byte> path, Span<byte> buffer, out int lengthBytes) =>
        Read(OpenAt.WorkingDirectory, path, buffer, out lengthBytes);

    internal static Errno Read(int directory, ReadOnlySpan<byte> path, Span<byte> buffer, out int lengthBytes) =>
        Read(directory, path, buffer, toEnd: true, out lengthBytes);

    /// <summary>
    /// Reads a file of /proc that the kernel writes as a whole (single_open(), fs/seq_file.c; cmdline): what fits comes with one read.
    /// </summary>
    internal static Errno ReadOnce(int directory, ReadOnlySpan<byte> path, Span<byte> buffer, out int lengthBytes) =>
        Read(directory, path, buffer, toEnd: false, out lengthBytes);

    private static Errno Read(int directory, ReadOnlySpan<byte> path, Span<byte> buffer, bool toEnd, out int lengthBytes)
    {
        lengthBytes = 0;
        var errno = OpenAt.Open(directory, path, out var descriptor);
        if (errno != Errno.None)
            return errno;
        try
        {
            return toEnd ? ReadWriteCall.ReadToEnd(descriptor, buffer, out lengthBytes)
                : ReadWriteCall.Read(descriptor, buffer, out lengthBytes);
        }
        finally
        {
            CloseDescriptor.Close(descriptor);
        }
    }
}

/// <summary>Writes a sysctl of the calling thread's network namespace: /proc/sys/net shows each thread its own (proc_sys(5)).</summary>
internal static class SysctlFile
{
    private const int WriteOnlyCloseOnExec = 0x80001;

    /// <param name="name">The name with dots, as net.ipv4.tcp_tw_reuse; one that this program knows, never a stranger's text.</param>
    internal static unsafe Errno Open(string name, out SafeFileDescriptor file)
    {
        var pathNul = Encoding.UTF8.GetBytes("/proc/sys/" + name.Replace('.', '/') + "\0");
        fixed (byte* path = pathNul)
            return LastError.Of(LibC.Openat(OpenAt.WorkingDirectory, path, WriteOnlyCloseOnExec), out file);
    }

    /// <summary>Writes a value, with the line's end after it as sysctl(8) does: without one an empty text would change nothing.</summary>
    internal static Errno Write(SafeFileDescriptor file, string value) =>
        ReadWriteCall.Write(file.Number, Encoding.UTF8.GetBytes(value + "\n"), out _);
}
