namespace Bindwise.Linux.Live;

/// <summary>How many descriptors this process may have open at once: every socket and every namespace of a live host is one.</summary>
internal static class DescriptorLimit
{
    // What systems give where nobody asked for more.
    private const int Usual = 1024;

    /// <summary>The limit as it is now (RLIMIT_NOFILE, getrlimit(2)); 1024 where it cannot be read.</summary>
    public static int Read() => OperatingSystem.IsLinux() && ResourceLimitCall.Read(ResourceLimitCall.OpenFiles, out var most) == Errno.None
        ? (int)Math.Min(most, int.MaxValue)
        : Usual;

    /// <summary>
    /// Raises the limit to the most that this process may have (the hard limit); the old one stays where that is refused. Programs that
    /// start others should not: some still use select(2), which knows 1024 descriptors.
    /// </summary>
    public static void Raise()
    {
        if (OperatingSystem.IsLinux())
            _ = ResourceLimitCall.RaiseOpenFiles();
    }
}
