namespace Bindwise.Linux.Native;

/// <summary>open(2) with O_APPEND: what several processes write into one file stands there line by line.</summary>
internal static class AppendingFile
{
    // O_WRONLY, O_CREAT, O_NOCTTY, O_APPEND, O_NONBLOCK, O_CLOEXEC: the same numbers on x64 and arm64. A pipe
    // without a reader fails (ENXIO) in place of waiting.
    private const int Flags = 0x1 | 0x40 | 0x100 | 0x400 | 0x800 | 0x80000;
    private const int EverybodysByUmask = 0x1b6;

    /// <summary>Opens it, and makes it where there is none.</summary>
    /// <param name="followsLink">What stands there may be a link, which is followed wherever it leads; false: ELOOP for one.</param>
    internal static unsafe Errno Open(int directory, ReadOnlySpan<byte> nameNul, bool followsLink, out SafeFileDescriptor file)
    {
        var flags = followsLink ? Flags : Flags | (int)OpenFlag.NoFollow;
        fixed (byte* name = Terminated.Checked(nameNul))
            return LastError.Of(LibC.Openat(directory, name, flags, EverybodysByUmask), out file);
    }
}
