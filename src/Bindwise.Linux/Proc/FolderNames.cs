using System.Buffers;
using Bindwise.Linux.Native;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>The names in a folder.</summary>
internal static class FolderNames
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>Lists them, in the file system's order; empty when the folder may not be read. Names beginning with a dot are left out.</summary>
    /// <param name="folder">The open folder.</param>
    /// <param name="limit">The most names that are taken.</param>
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
