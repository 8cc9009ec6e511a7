namespace Bindwise.Linux.Terminals;

/// <summary>
/// The variable TZ, by which whoever starts this program names a file to be read (tzset(3)). The runtime opens whatever stands there, and
/// would wait for a pipe, or read a device without end.
/// </summary>
internal static class TimeZoneVariable
{
    private const string Name = "TZ";
    private const string Folder = "/usr/share/zoneinfo";

    // The largest of the time zone database has 4 KiB.
    private const ulong LimitBytes = 256 * 1024;

    /// <summary>Unsets the variable where it names what is no file of bounded size; the system's own time zone counts then.</summary>
    /// <returns>One line for standard error; null where nothing was done.</returns>
    public static string? UnsetIfUnfit()
    {
        if (Environment.GetEnvironmentVariable(Name) is not { Length: > 0 } value)
            return null;
        var name = value.TrimStart(':');
        var path = name.StartsWith('/') ? name : $"{Environment.GetEnvironmentVariable("TZDIR") ?? Folder}/{name}";
        if (BoundedRun.Run(_ => IsFit(path), CancellationToken.None))
            return null;
        Environment.SetEnvironmentVariable(Name, null);
        return "TZ names no time zone file, so times are shown in this system's time zone";
    }

    // Where nothing stands, the runtime goes on by itself.
    private static bool IsFit(string path)
    {
        using var access = ForeignAccess.ToPath(path);
        if (!access.IsAllowed)
            return false;
        var errno = PlainFile.Resolve(OpenAt.WorkingDirectory, [.. Encoding.UTF8.GetBytes(path), 0], PathBounds.None, out var file);
        using (file)
        {
            return errno != Errno.None
                || (FileStatusCall.Fstat(file, out var status) == Errno.None && status.Kind == FileStatus.KindFile
                    && status.LengthBytes <= LimitBytes);
        }
    }
}
