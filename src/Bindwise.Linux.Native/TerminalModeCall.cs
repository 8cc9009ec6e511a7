namespace Bindwise.Linux.Native;

/// <summary>
/// ioctl(TCGETS) and ioctl(TCSETSW): how a terminal treats what is typed (termios(3)); struct termios and the flags of asm-generic, which
/// x86-64 and ARM64 have.
/// </summary>
internal static class TerminalModeCall
{
    private const nuint GetMode = 0x5401;
    private const nuint SetModeAfterOutput = 0x5403;

    // ICANON and ECHO of c_lflag, IXON of c_iflag.
    private const uint LineMode = 0x2;
    private const uint Echo = 0x8;
    private const uint FlowControl = 0x400;

    internal static unsafe Errno Get(int descriptor, out TerminalMode mode)
    {
        mode = default;
        fixed (TerminalMode* read = &mode)
            return LastError.Of(LibC.Ioctl(descriptor, GetMode, read));
    }

    /// <summary>Sets a mode. A process in the background is stopped by SIGTTOU until it is in the foreground.</summary>
    internal static unsafe Errno Set(int descriptor, TerminalMode mode) => LastError.Of(LibC.Ioctl(descriptor, SetModeAfterOutput, &mode));

    /// <summary>The mode in which each key comes as it is pressed and is not shown; Ctrl+C and Ctrl+Z stay signals.</summary>
    internal static TerminalMode ByKey(TerminalMode mode)
    {
        mode.Local &= ~(LineMode | Echo);
        mode.Input &= ~FlowControl;
        mode.LeastBytes = 1;
        mode.Tenths = 0;
        return mode;
    }
}

/// <summary>struct termios of asm-generic/termbits.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct TerminalMode
{
    [FieldOffset(0)]
    public uint Input;

    [FieldOffset(12)]
    public uint Local;

    /// <summary>c_cc[VTIME]: tenths of a second that a read waits; 17 is where c_cc begins, 5 its place there.</summary>
    [FieldOffset(22)]
    public byte Tenths;

    /// <summary>c_cc[VMIN]: so many bytes a read waits for.</summary>
    [FieldOffset(23)]
    public byte LeastBytes;
}

/// <summary>ioctl(TIOCGWINSZ): a terminal's size (ioctl_tty(2)).</summary>
internal static class WindowSizeCall
{
    private const nuint GetWindowSize = 0x5413;

    /// <summary>The terminal's columns; 0 when it does not know them, or is none.</summary>
    internal static ushort Columns(int descriptor) => SizeOf(descriptor).Columns;

    /// <summary>The terminal's lines; 0 when it does not know them, or is none.</summary>
    internal static ushort Lines(int descriptor) => SizeOf(descriptor).Rows;

    private static unsafe WindowSize SizeOf(int descriptor)
    {
        var size = default(WindowSize);
        return LibC.Ioctl(descriptor, GetWindowSize, &size) == 0 ? size : default;
    }

    // struct winsize of asm-generic/termios.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsAcross;
        public ushort PixelsDown;
    }
}
