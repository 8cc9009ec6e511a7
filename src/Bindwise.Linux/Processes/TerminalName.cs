using System.Globalization;

namespace Bindwise.Linux.Processes;

/// <summary>
/// The name of a terminal by its device number, as tty_nr of /proc/PID/stat gives it (proc_pid_stat(5): minor in bits 31 to 20 and 7 to 0,
/// major in bits 15 to 8), by Documentation/admin-guide/devices.txt.
/// </summary>
internal static class TerminalName
{
    private const int Consoles = 4;
    private const int FirstSerial = 64;
    private const int FirstPseudo = 136;
    private const int LastPseudo = 143;

    /// <summary><c>pts/3</c>, <c>tty1</c>, <c>ttyS0</c>; null for none and for others.</summary>
    internal static string? Of(int device)
    {
        var number = unchecked((uint)device);
        var major = (number >> 8) & 0xff;
        var minor = (number & 0xff) | ((number >> 20) << 8);
        return major switch
        {
            Consoles when minor >= FirstSerial => string.Create(CultureInfo.InvariantCulture, $"ttyS{minor - FirstSerial}"),
            Consoles => string.Create(CultureInfo.InvariantCulture, $"tty{minor}"),
            >= FirstPseudo and <= LastPseudo => string.Create(CultureInfo.InvariantCulture, $"pts/{((major - FirstPseudo) << 8) + minor}"),
            _ => null,
        };
    }
}
