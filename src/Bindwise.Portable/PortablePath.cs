using System.Text;
using Bindwise.Model.Snapshots;

namespace Bindwise.Portable;

/// <summary>What stands at a UNIX socket's path, as far as .NET tells: whether there is something, and whether its folder is there.</summary>
internal static class PortablePath
{
    // Errno numbers as the snapshot has them (Linux's); these two are the same on every Unix.
    private const int NoEntry = 2;
    private const int Invalid = 22;

    /// <summary>The shortest sun_path of the systems: 104 bytes with the closing NUL (BSD, macOS), 108 on Linux and Windows.</summary>
    private static int MostBytes => OperatingSystem.IsLinux() || OperatingSystem.IsWindows() ? 107 : 103;

    /// <summary>Looks at a path; an abstract name has none.</summary>
    public static UnixPathRecord Read(string path)
    {
        var record = new UnixPathRecord { Path = path };
        if (path.StartsWith('@'))
            return record;
        if (Encoding.UTF8.GetByteCount(path) > MostBytes || path.Contains('\0', StringComparison.Ordinal))
            return record with { ParentErrno = Invalid };
        try
        {
            // A dangling link exists too, and bind() does not follow it.
            if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
                return record with { Exists = true, Kind = Directory.Exists(path) ? "directory" : "file" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return record with { ParentErrno = NoEntry };
        }
        return Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder) && !path.EndsWith('/') ? record : record with { ParentErrno = NoEntry };
    }
}
