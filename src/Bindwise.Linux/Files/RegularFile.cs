using System.Runtime.InteropServices;

namespace Bindwise.Linux.Files;

/// <summary>
/// Reads a file that somebody else may have put there: what is no regular file is not opened, so
/// that no pipe holds up and no device notices.
/// </summary>
internal static class RegularFile
{
    /// <summary>Reads a file of bounded size; symbolic links are followed.</summary>
    /// <param name="fault">Why it was not read, one clause; null when it was, and where nothing of that name exists.</param>
    /// <returns>Its bytes; null where it was not read.</returns>
    public static byte[]? Read(string path, int limitBytes, out string? fault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limitBytes, 1);
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            fault = "that is not a file name";
            return null;
        }
        var errno = PlainFile.Read(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path + "\0"), PathBounds.None, limitBytes + 1,
            out var bytes);
        fault = errno switch
        {
            Errno.None when bytes.Length > limitBytes =>
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"it is larger than {limitBytes / 1024} KiB"),
            Errno.None or Errno.ENOENT => null,
            Errno.EINVAL => "it is not a regular file",
            Errno.EACCES or Errno.EPERM => "permission denied",
            Errno.ENOTDIR => "no such file or folder",
            Errno.ENAMETOOLONG => "the name is too long",
            Errno.ELOOP => "too many symbolic links",
            _ => Marshal.GetPInvokeErrorMessage((int)errno),
        };
        return errno == Errno.None && fault is null ? bytes.ToArray() : null;
    }
}
