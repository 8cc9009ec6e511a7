namespace Bindwise.Supervising;

/// <summary>The controlling terminal of this process (tty(4)), whose Ctrl+C reaches every process of its foreground.</summary>
[SupportedOSPlatform("linux")]
internal static class ControllingTerminal
{
    /// <summary>There is one, and it is not gone.</summary>
    internal static bool IsThere()
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, "/dev/tty\0"u8, out var number) != Errno.None)
            return false;
        CloseDescriptor.Close(number);
        return true;
    }
}
