namespace Bindwise.Linux.Native;

/// <summary>ioctl(TIOCGWINSZ): a terminal's size (ioctl_tty(2)).</summary>
internal static class WindowSizeCall
{
    private const nuint GetWindowSize = 0x5413;

    /// <summary>The terminal's columns; 0 when it does not know them, or is none.</summary>
    internal static unsafe ushort Columns(int descriptor)
    {
        var size = default(WindowSize);
        return LibC.Ioctl(descriptor, GetWindowSize, &size) == 0 ? size.Columns : (ushort)0;
    }

    /// <summary>The terminal's lines; 0 when it does not know them, or is none.</summary>
    internal static unsafe ushort Lines(int descriptor)
    {
        var size = default(WindowSize);
        return LibC.Ioctl(descriptor, GetWindowSize, &size) == 0 ? size.Rows : (ushort)0;
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
