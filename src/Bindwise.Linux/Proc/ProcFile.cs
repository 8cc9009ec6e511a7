using System.Buffers;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>Reads files and lists directories of /proc by bare descriptors, each open no longer than its reading takes.</summary>
internal static class ProcFile
{
    /// <summary>The most processes that are looked at: the largest pid_max of Linux (PID_MAX_LIMIT, 2^22).</summary>
    internal const int ProcessLimit = 4 * 1024 * 1024;

    private const int BufferBytes = 32 * 1024;

    // struct linux_dirent64 with a number of seven digits; and /proc's own entries, which come first.
    private const int EntryBytes = 32;
    private const int OtherEntriesBytes = 2048;

    /// <summary>Reads a file of unknown size, with a buffer that grows as needed.</summary>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="limitBytes">The most that is read; the rest is left out.</param>
    /// <param name="bytes">The bytes; empty on failure.</param>
    internal static Errno ReadAll(int directory, ReadOnlySpan<byte> path, int limitBytes, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        var size = Math.Min(BufferBytes, limitBytes);
        while (true)
        {
            // Most are far smaller than the buffer, whose pages are dearer than the copy.
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                var errno = SmallFile.Read(directory, path, buffer.AsSpan(0, size), out var length);
                if (errno != Errno.None)
                    return errno;
                if (length < size || size == limitBytes)
                {
                    bytes = buffer.AsSpan(0, length).ToArray();
                    return Errno.None;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            size = (int)Math.Min((long)size * 4, limitBytes);
        }
    }

    /// <summary>Lists the entries of a directory whose names are numbers: processes or threads.</summary>
    /// <param name="path">The path, with a NUL at its end.</param>
    internal static Errno ListNumbers(int directory, ReadOnlySpan<byte> path, int limit, List<int> numbers)
    {
        var errno = OpenAt.Open(directory, path, out var descriptor);
        if (errno != Errno.None)
            return errno;
        // The kernel fills what it is given, at some microseconds an entry: where few numbers are wanted, it is given little.
        var bytes = (int)Math.Min(BufferBytes, OtherEntriesBytes + ((long)limit * EntryBytes));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                errno = GetDents.Read(descriptor, buffer.AsSpan(0, bytes), out var length);
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

internal static class FolderNames
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>
    /// Lists them, in the file system's order; empty when the folder may not be read. Names beginning with a dot are left out.
    /// </summary>
    internal static List<string> List(int folder, int limit)
    {
        var names = new List<string>();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (names.Count < limit && GetDents.Read(folder, buffer, out var length) == Errno.None && length > 0)
            {
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (names.Count < limit && entries.TryNext(out var name))
                {
                    if (name[0] != (byte)'.')
                        names.Add(KernelText.Decode(name[..^1]));
                }
            }
            return names;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
