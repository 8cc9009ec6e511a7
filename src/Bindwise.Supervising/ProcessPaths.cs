using Bindwise.Linux.Text;

namespace Bindwise.Supervising;

/// <summary>Paths as a program means them: from its own folder, beneath its own root.</summary>
internal static class ProcessPaths
{
    private const string OwnFolder = "/proc/self/";

    /// <summary>Makes it absolute; null where the program's root is another, or its mounts are.</summary>
    internal static string? Resolve(int thread, string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal) || Link(thread, "root") != "/"
            || Link(thread, "ns/mnt") != Link(Environment.ProcessId, "ns/mnt"))
            return null;
        // Of whoever looks it would be another one's.
        if (path.StartsWith(OwnFolder, StringComparison.Ordinal))
            return string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/{path[OwnFolder.Length..]}");
        if (path.StartsWith('/'))
            return path;
        return Link(thread, "cwd") is { } folder
            ? $"{folder.TrimEnd('/')}/{(path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path)}" : null;
    }

    internal static bool Exists(string path) => Find(path) == Errno.None;

    /// <summary>None where something is there, a dangling link too; ENOENT, or why it cannot be told.</summary>
    internal static Errno Find(string path) => FileStatusCall.Lstat(Terminated.Of(path), out _);

    internal static bool IsFile(string path) =>
        FileStatusCall.Stat(Terminated.Of(path), out var status) == Errno.None && status.Kind == FileStatus.KindFile;

    /// <summary>Both lead to one file, by whatever names.</summary>
    internal static bool IsSame(string path, string other) =>
        FileStatusCall.Stat(Terminated.Of(path), out var one) == Errno.None
            && FileStatusCall.Stat(Terminated.Of(other), out var two) == Errno.None
            && (one.Device, one.Inode) == (two.Device, two.Inode);

    internal static bool IsSocket(string path) =>
        FileStatusCall.Lstat(Terminated.Of(path), out var status) == Errno.None && status.Kind == FileStatus.KindSocket;

    /// <summary>What a link of a thread in /proc leads to; null where that may not be read.</summary>
    internal static string? Link(int thread, string name)
    {
        Span<byte> room = stackalloc byte[4096];
        return ReadLinkAt.Read(OpenAt.WorkingDirectory, Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/{name}\0")), room, out var length) == Errno.None
            ? KernelText.Decode(room[..length]) : null;
    }
}
