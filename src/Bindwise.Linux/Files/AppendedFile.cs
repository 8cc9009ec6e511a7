namespace Bindwise.Linux.Files;

/// <summary>
/// Opens a file to which lines are appended, also in a folder that others may write to: what they chose stands in these lines, and a link
/// of theirs would lead root to any file of its own.
/// </summary>
internal static class AppendedFile
{
    // S_IWGRP and S_IWOTH; S_ISVTX.
    private const int WritableByOthers = 0x12;
    private const int Sticky = 0x200;

    /// <summary>Opens it, and makes it where there is none.</summary>
    /// <param name="fault">What is wrong, one clause; null when it is open.</param>
    internal static SafeFileDescriptor? Open(string path, out string? fault)
    {
        var cut = path.LastIndexOf('/');
        using var directory = new FolderWalk().Enter(path[..(cut + 1)], out fault);
        if (directory is null)
            return null;
        var nameNul = Encoding.UTF8.GetBytes(path[(cut + 1)..] + "\0");
        var errno = AppendingFile.Open(directory.Number, nameNul, followsLink: false, out var file);
        if (errno == Errno.ELOOP)
        {
            file.Dispose();
            if (!IsOwnLink(directory, nameNul))
            {
                fault = "it is a symbolic link that another user made, or can change";
                return null;
            }
            errno = AppendingFile.Open(directory.Number, nameNul, followsLink: true, out file);
        }
        if (errno == Errno.None)
            return file;
        file.Dispose();
        fault = FolderWalk.Describe(errno).ToLowerInvariant();
        return null;
    }

    // Where nobody else can put another link in its place before it is followed.
    private static bool IsOwnLink(SafeFileDescriptor directory, ReadOnlySpan<byte> nameNul) =>
        FileStatusCall.Fstat(directory, out var folder) == Errno.None && IsOwn(folder)
            && ((folder.Mode & WritableByOthers) == 0 || (folder.Mode & Sticky) != 0)
        && StatX.OfLink(directory.Number, nameNul, out var link) == Errno.None && IsOwn(link);

    private static bool IsOwn(in FileStatus status) => status.UserId == 0 || status.UserId == EffectiveIds.User();
}
