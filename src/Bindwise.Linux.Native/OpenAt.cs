namespace Bindwise.Linux.Native;

/// <summary>openat(2), read-only and close-on-exec, for the files of /proc.</summary>
internal static class OpenAt
{
    /// <summary>AT_FDCWD: relative paths start in the working directory.</summary>
    internal const int WorkingDirectory = -100;

    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <param name="directory">Where a relative path starts: a descriptor or <see cref="WorkingDirectory"/>.</param>
    /// <param name="path">The path, with a NUL at its end.</param>
    /// <param name="descriptor">The descriptor, to be closed by the caller; -1 on failure.</param>
    internal static unsafe Errno Open(int directory, ReadOnlySpan<byte> path, out int descriptor)
    {
        fixed (byte* pointer = Terminated.Checked(path))
        {
            descriptor = LibC.Openat(directory, pointer, ReadOnlyCloseOnExec);
            return LastError.Of(descriptor);
        }
    }
}
