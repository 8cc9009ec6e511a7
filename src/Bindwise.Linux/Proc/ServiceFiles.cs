using System.Buffers;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>
/// Small files of /proc, /sys and /etc by which services tell their ports, below a root folder (empty: the system's own).
/// </summary>
/// <param name="root">The folder that stands for <c>/</c>; empty for the system's.</param>
internal sealed class ServiceFiles(string root = "")
{
    private const int LimitBytes = 256 * 1024;
    private const int MaximumNames = 4096;

    /// <summary>The bytes of a file, at most 256 KiB; empty when it cannot be read.</summary>
    internal ReadOnlySpan<byte> Read(string path) => Try(path, out var bytes) == Errno.None ? bytes : [];

    internal Errno Try(string path, out ReadOnlySpan<byte> bytes) =>
        ProcFile.ReadAll(OpenAt.WorkingDirectory, Terminate(path), LimitBytes, out bytes);

    /// <summary>A file's text without the white space around it; empty when it cannot be read.</summary>
    internal string Text(string path) => KernelText.Decode(Read(path).Trim(" \t\r\n\0"u8));

    /// <summary>A file that is one number that can be a port; null when it is not, or is 0.</summary>
    internal ushort? Port(string path) => Text(path) is var text
        && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0 ? port : null;

    internal bool Exists(string path) => FileStatusCall.Stat(Terminate(path), out _) == Errno.None;

    /// <summary>The names in a folder, in order, at most 4,096; empty when it cannot be listed.</summary>
    internal List<string> Names(string folder)
    {
        var names = new List<string>();
        if (OpenAt.Open(OpenAt.WorkingDirectory, Terminate(folder), out var descriptor) != Errno.None)
            return names;
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            while (names.Count < MaximumNames && GetDents.Read(descriptor, buffer, out var length) == Errno.None && length > 0)
            {
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (names.Count < MaximumNames && entries.TryNext(out var name))
                {
                    if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                        names.Add(KernelText.Decode(name[..^1]));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            CloseDescriptor.Close(descriptor);
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private byte[] Terminate(string path) => Encoding.UTF8.GetBytes($"{root}{path}\0");
}
