using System.Runtime.InteropServices;

namespace Bindwise.Linux.Files;

/// <summary>Goes down a path folder by folder, and follows only links of root and of the effective user.</summary>
internal sealed class FolderWalk
{
    /// <summary>As the kernel's own limit (MAXSYMLINKS).</summary>
    private const int MaximumLinks = 40;

    private const int MaximumPathBytes = 4096;

    private readonly uint _user = EffectiveIds.User();
    private int _links;

    /// <summary>Opens the folder; null for a fault.</summary>
    internal SafeFileDescriptor? Enter(string path, out string? fault)
    {
        fault = null;
        var at = FolderEntryCall.Enter(OpenAt.WorkingDirectory, path.StartsWith('/') ? "/\0"u8 : ".\0"u8, out var errno);
        for (var rest = Parts(path); at is not null && rest.TryPop(out var part);)
        {
            var next = Step(at, part, rest, out fault);
            if (next == at)
                continue;
            at.Dispose();
            at = next;
        }
        fault ??= at is null ? Describe(errno) : null;
        return at;
    }

    /// <summary>The next folder; the same for a relative link, whose parts are put before the rest; null for a fault.</summary>
    private SafeFileDescriptor? Step(SafeFileDescriptor at, string part, Stack<string> rest, out string? fault)
    {
        fault = null;
        var found = FolderEntryCall.Find(at.Number, Terminated.Of(part), out var errno);
        var status = default(FileStatus);
        if (found is not null)
            errno = FileStatusCall.Fstat(found, out status);
        var kind = status.Kind;
        if (errno == Errno.None && kind == FileStatus.KindDirectory)
            return found;
        using (found)
        {
            if (errno == Errno.None)
                errno = kind != FileStatus.KindLink ? Errno.ENOTDIR : ++_links > MaximumLinks ? Errno.ELOOP : Errno.None;
            if (errno == Errno.None && status.UserId != 0 && status.UserId != _user)
                fault = string.Create(CultureInfo.InvariantCulture,
                    $"{part} on the way there is a symbolic link of another user (uid {status.UserId})");
            var text = new byte[MaximumPathBytes];
            var length = 0;
            if (errno == Errno.None && fault is null)
                errno = ReadLinkAt.Read(found!.Number, "\0"u8, text, out length);
            if (errno != Errno.None || fault is not null)
            {
                fault ??= Describe(errno);
                return null;
            }
            var target = Encoding.UTF8.GetString(text, 0, length);
            foreach (var piece in Parts(target).Reverse())
                rest.Push(piece);
            var next = target.StartsWith('/') ? FolderEntryCall.Enter(OpenAt.WorkingDirectory, "/\0"u8, out errno) : at;
            fault = next is null ? Describe(errno) : null;
            return next;
        }
    }

    /// <summary>The parts of a path, the first on top.</summary>
    private static Stack<string> Parts(string path) =>
        new(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static p => p != ".").Reverse());

    internal static string Describe(Errno errno) => errno switch
    {
        Errno.ENOENT or Errno.ENOTDIR => "no such file or folder",
        Errno.EACCES or Errno.EPERM => "permission denied",
        Errno.ENAMETOOLONG => "the name is too long",
        Errno.ELOOP => "too many symbolic links",
        _ => Marshal.GetPInvokeErrorMessage((int)errno),
    };
}
