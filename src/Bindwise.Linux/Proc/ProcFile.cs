using System.Buffers;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Proc;

/// <summary>Reads files and lists directories of /proc by bare descriptors, each open no longer than its reading takes.</summary>
internal static class ProcFile
{
    /// <summary>The most processes that are looked at: the largest pid_max of Linux (PID_MAX_LIMIT, 2^22).</summary>
    internal const int ProcessLimit = 4 * 1024 * 1024;

    private const int BufferBytes = 32 * 1024;

    /// <summary>Reads a file from its beginning until the buffer is full or the file ends.</summary>
    /// <param name="directory">Where the path starts.</param>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="lengthBytes">How many bytes came; equal to the buffer's size when there may be more.</param>
    internal static Errno Read(int directory, ReadOnlySpan<byte> path, Span<byte> buffer, out int lengthBytes)
    {
        lengthBytes = 0;
        var errno = OpenAt.Open(directory, path, out var descriptor);
        if (errno != Errno.None)
            return errno;
        try
        {
            while (lengthBytes < buffer.Length)
            {
                errno = ReadDescriptor.Read(descriptor, buffer[lengthBytes..], out var more);
                if (errno != Errno.None || more == 0)
                    return errno;
                lengthBytes += more;
            }

            return Errno.None;
        }
        finally
        {
            CloseDescriptor.Close(descriptor);
        }
    }

    /// <summary>Reads a file of unknown size, with a buffer that grows as needed.</summary>
    /// <param name="directory">Where the path starts.</param>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="limitBytes">The most that is read; the rest is left out.</param>
    /// <param name="bytes">The bytes; empty on failure.</param>
    internal static Errno ReadAll(int directory, ReadOnlySpan<byte> path, int limitBytes, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        var size = Math.Min(BufferBytes, limitBytes);
        while (true)
        {
            var buffer = new byte[size];
            var errno = Read(directory, path, buffer, out var length);
            if (errno != Errno.None)
                return errno;
            if (length < size || size == limitBytes)
            {
                bytes = buffer.AsSpan(0, length);
                return Errno.None;
            }

            size = (int)Math.Min((long)size * 4, limitBytes);
        }
    }

    /// <summary>Lists the entries of a directory whose names are numbers: processes or threads.</summary>
    /// <param name="directory">Where the path starts.</param>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="limit">The most numbers that are taken.</param>
    /// <param name="numbers">The numbers, in the kernel's order.</param>
    internal static Errno ListNumbers(int directory, ReadOnlySpan<byte> path, int limit, List<int> numbers)
    {
        var errno = OpenAt.Open(directory, path, out var descriptor);
        if (errno != Errno.None)
            return errno;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                errno = GetDents.Read(descriptor, buffer, out var length);
                if (errno != Errno.None || length == 0)
                    return errno;
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (entries.TryNextNumber(out _, out var number))
                {
                    if (numbers.Count >= limit)
                        return Errno.None;
                    numbers.Add(number);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            CloseDescriptor.Close(descriptor);
        }
    }
}
