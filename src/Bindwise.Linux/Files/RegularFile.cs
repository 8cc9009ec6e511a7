namespace Bindwise.Linux.Files;

/// <summary>
/// Reads a file that somebody else may have put there: what is no regular file is not opened, so
/// that no pipe holds up and no device notices.
/// </summary>
internal static class RegularFile
{
    // S_IRWXG and S_IRWXO.
    private const int Others = 0x3f;

    /// <summary>Reads a file of bounded size.</summary>
    /// <param name="followsLinks">False: a path with a symbolic link anywhere in it is not read.</param>
    /// <param name="fault">Why it was not read, one clause; null when it was, and where nothing of that name exists.</param>
    /// <returns>Its bytes; null where it was not read.</returns>
    public static byte[]? Read(string path, int limitBytes, bool followsLinks, out string? fault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limitBytes, 1);
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            fault = "that is not a file name";
            return null;
        }
        var errno = PlainFile.Read(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path + "\0"),
            followsLinks ? PathBounds.None : PathBounds.NoSymlinks, limitBytes + 1, out var bytes);
        fault = errno == Errno.ENOENT ? null : FaultOf(errno, bytes.Length, limitBytes);
        return errno == Errno.None && fault is null ? bytes.ToArray() : null;
    }

    /// <summary>
    /// Reads a secret of bounded size, from a file that nobody else may read or write: it belongs to the effective user, or to root.
    /// </summary>
    /// <param name="fault">Why it was not read, to stand after the file's name; null when it was.</param>
    /// <returns>Its bytes; null where it was not read.</returns>
    public static byte[]? ReadSecret(string path, int limitBytes, out string? fault)
    {
        var pathNul = Encoding.UTF8.GetBytes(path + "\0");
        SafeFileDescriptor? file = null;
        var errno = path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? Errno.ENOENT
            : PlainFile.Open(OpenAt.WorkingDirectory, pathNul, PathBounds.None, FileStatus.KindFile, out file);
        using (file)
        {
            var (status, content, length) = (default(FileStatus), new byte[limitBytes + 1], 0);
            if (errno == Errno.None)
                errno = FileStatusCall.Fstat(file!, out status);
            if (errno == Errno.None && status.UserId != 0 && status.UserId != EffectiveIds.User())
            {
                fault = string.Create(CultureInfo.InvariantCulture,
                    $"belongs to another user (uid {status.UserId}), who can read and change it");
                return null;
            }
            if (errno == Errno.None && (status.Mode & Others) != 0)
            {
                fault = $"can be read or written by others: chmod 600 {path}";
                return null;
            }
            if (errno == Errno.None)
                errno = ReadWriteCall.ReadToEnd(file!.Number, content, out length);
            fault = FaultOf(errno, length, limitBytes) is { } why ? $"cannot be read: {why}" : null;
            return fault is null ? content[..length] : null;
        }
    }

    private static string? FaultOf(Errno errno, int length, int limitBytes) => errno switch
    {
        Errno.None when length > limitBytes =>
            string.Create(CultureInfo.InvariantCulture, $"it is larger than {limitBytes / 1024} KiB"),
        Errno.None => null,
        Errno.EINVAL => "it is not a regular file",
        _ => FolderWalk.Describe(errno),
    };
}
