namespace Bindwise.Linux.Processes;

/// <summary>
/// Why this program could not be started once more, in words for people: mostly a file that a bare root file system lacks.
/// </summary>
internal static class StartObstacle
{
    /// <summary>The file that is missing, or else the error's name.</summary>
    internal static string Of(Errno errno)
    {
        if (!Exists("/proc/self/exe\0"u8))
            return "/proc is not mounted here";
        return errno == Errno.ENOENT && !Exists("/dev/null\0"u8) ? "there is no /dev/null here" : errno.ToString();
    }

    private static bool Exists(ReadOnlySpan<byte> pathNul) => FileStatusCall.Stat(pathNul, out _) == Errno.None;
}
