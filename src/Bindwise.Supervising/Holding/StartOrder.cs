namespace Bindwise.Supervising.Holding;

/// <summary>Calls that are handed over beyond those that every filter of <c>run --hold</c> hands over.</summary>
[Flags]
internal enum HandedCalls : byte
{
    None = 0,

    /// <summary>setsockopt(SO_REUSEADDR).</summary>
    ReuseAddress = 1,

    /// <summary>connect() with an address of 16 bytes.</summary>
    Connect = 2,

    /// <summary>io_uring_setup(), which is refused: a bind() by a ring could not be moved.</summary>
    Rings = 4,
}

/// <summary>What a start is told on its command line; the program's environment and arguments follow as they are.</summary>
/// <param name="Channel">The number of its end of the channel.</param>
/// <param name="SignalMask">The signals that are blocked for the program (<see cref="Linux.Native.SignalSet"/>).</param>
/// <param name="OpenFiles">Its limit of open files; 0: as it is.</param>
internal sealed record StartOrder(int Channel, ulong SignalMask, ulong OpenFiles, HandedCalls Calls)
{
    internal string ToArgument() => string.Create(CultureInfo.InvariantCulture, $"{Channel} {SignalMask:x} {OpenFiles} {(byte)Calls}");

    /// <summary>What such an argument says; null for another.</summary>
    internal static StartOrder? FromArgument(string argument) =>
        argument.Split(' ') is [var channel, var mask, var files, var calls]
        && int.TryParse(channel, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
        && ulong.TryParse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var signals)
        && ulong.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
        && byte.TryParse(calls, NumberStyles.None, CultureInfo.InvariantCulture, out var handed)
            ? new StartOrder(descriptor, signals, limit, (HandedCalls)handed)
            : null;
}
