namespace Bindwise.Linux.Files;

/// <summary>
/// Writes a file that only its owner may read, also into a folder that others may write to: a new file (O_EXCL, O_NOFOLLOW, 0600) beside it
/// takes its name by rename(2). Nobody's link, pipe or device is opened, and nobody else's file is replaced.
/// </summary>
internal static class PrivateFile
{
    /// <summary>Writes the file, or replaces one of the same owner.</summary>
    /// <returns>What is wrong, one clause; null when it was written. On failure what stood there still does.</returns>
    public static string? Replace(string path, ReadOnlySpan<byte> content)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return "that is not a file name";
        var cut = path.LastIndexOf('/');
        var (folder, name) = (path[..(cut + 1)], path[(cut + 1)..]);
        if (name is "" or "." or "..")
            return "it is a folder";
        using var directory = new FolderWalk().Enter(folder, out var fault);
        return directory is null ? fault : Replace(directory.Number, Terminated.Of(name), content);
    }

    private static string? Replace(int directory, ReadOnlySpan<byte> nameNul, ReadOnlySpan<byte> content)
    {
        if (Refusal(directory, nameNul) is { } refusal)
            return refusal;
        // Whoever guesses the name keeps the file from being saved, no more. Cryptography would need OpenSSL, which small systems lack.
        var besideNul = Terminated.Of(string.Create(CultureInfo.InvariantCulture, $".bindwise-{Random.Shared.NextInt64():x16}"));
        using var file = FolderEntryCall.Make(directory, besideNul, out var errno);
        if (file is null)
            return FolderWalk.Describe(errno);
        errno = ReadWriteCall.WriteAll(file.Number, content);
        if (errno == Errno.None)
            errno = FolderEntryCall.Rename(directory, besideNul, nameNul);
        if (errno != Errno.None)
        {
            _ = FolderEntryCall.Remove(directory, besideNul);
            return errno == Errno.EISDIR ? "it is a folder" : FolderWalk.Describe(errno);
        }
        // Without the sticky bit, others may rename in the folder as well.
        return FileStatusCall.Fstat(file, out var written) == Errno.None && StatX.OfLink(directory, nameNul, out var there) == Errno.None
            && (written.Device, written.Inode) == (there.Device, there.Inode) ? null : "another process replaced the file meanwhile";
    }

    /// <summary>Why what stands there is not replaced; null for nothing there, and for a regular file of the effective user.</summary>
    private static string? Refusal(int directory, ReadOnlySpan<byte> nameNul)
    {
        var errno = StatX.OfLink(directory, nameNul, out var status);
        if (errno != Errno.None)
            return errno == Errno.ENOENT ? null : FolderWalk.Describe(errno);
        return status.Kind switch
        {
            FileStatus.KindDirectory => "it is a folder",
            FileStatus.KindLink => "it is a symbolic link; name the file itself",
            FileStatus.KindFile when status.UserId != EffectiveIds.User() =>
                string.Create(CultureInfo.InvariantCulture, $"it belongs to another user (uid {status.UserId})"),
            FileStatus.KindFile => null,
            FileStatus.KindPipe => "it is a pipe, not a file",
            FileStatus.KindSocket => "it is a socket, not a file",
            _ => "it is a device, not a file",
        };
    }
}
