using System.Text;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.UnixPaths;

/// <summary>Looks at what stands at a UNIX socket's path, as the effective user and without touching it: bind() there would make a file.</summary>
internal static class UnixPathReader
{
    /// <summary>The longest path that programs can bind: sun_path's 108 bytes with the closing NUL (unix(7)); only raw calls get one byte more.</summary>
    internal const int MaximumPathBytes = SocketAddress.UnixNameBytes - 1;

    /// <summary>The longest abstract name, without the NUL in front.</summary>
    internal const int MaximumAbstractBytes = SocketAddress.UnixNameBytes - 1;

    /// <summary>Reads the record of a path, or of <c>@name</c>, which has no file.</summary>
    /// <param name="path">The path as asked.</param>
    /// <param name="file">The file there, to be held against unix_diag; default when there is none.</param>
    internal static UnixPathRecord Read(string path, out UnixFileId file)
    {
        file = default;
        if (path is ['@', ..])
            return new UnixPathRecord { Path = path, ParentErrno = AbstractName.Read(path).Length > MaximumAbstractBytes ? (int)Errno.EINVAL : 0 };
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length is 0 or > MaximumPathBytes || Array.IndexOf(bytes, (byte)0) >= 0)
            return new UnixPathRecord { Path = path, ParentErrno = (int)Errno.EINVAL };
        using var access = ForeignAccess.ToPath(path);
        if (!access.IsAllowed)
            throw new InspectionException($"{path} cannot be looked at: its file system does not answer");
        var looked = FileStatusCall.Look([.. bytes, 0], out var status);
        if (looked == Errno.None)
        {
            file = new UnixFileId(unchecked((uint)status.Inode), unchecked((status.DeviceMajor << 20) | status.DeviceMinor));
            return new UnixPathRecord
            {
                Path = path,
                Exists = true,
                IsSocket = (status.Mode & FileStatus.KindMask) == FileStatus.KindSocket,
                Kind = KindOf(status.Mode),
                UserId = status.UserId,
                FileInode = status.Inode,
            };
        }
        return new UnixPathRecord { Path = path, ParentErrno = (int)(looked == Errno.ENOENT ? AskParent(bytes) : looked) };
    }

    /// <summary>Nothing stands there: whether the folder would let bind() make a file (kern_path_create(), fs/namei.c).</summary>
    private static Errno AskParent(byte[] path)
    {
        var slash = Array.LastIndexOf(path, (byte)'/');
        // "folder/" names no file.
        if (slash == path.Length - 1)
            return Errno.ENOENT;
        byte[] folder = slash < 0 ? [(byte)'.', 0] : slash == 0 ? [(byte)'/', 0] : [.. path[..slash], 0];
        var looked = FileStatusCall.Follow(folder, out var status);
        if (looked != Errno.None)
            return looked;
        return (status.Mode & FileStatus.KindMask) != FileStatus.KindDirectory
            ? Errno.ENOTDIR
            : FileStatusCall.Access(folder, FileStatusCall.WriteAndSearch);
    }

    private static string KindOf(ushort mode) => (mode & FileStatus.KindMask) switch
    {
        FileStatus.KindSocket => "socket",
        FileStatus.KindFile => "file",
        FileStatus.KindDirectory => "directory",
        FileStatus.KindLink => "symbolic link",
        FileStatus.KindPipe => "pipe",
        FileStatus.KindCharacterDevice or FileStatus.KindBlockDevice => "device",
        _ => "file",
    };
}
