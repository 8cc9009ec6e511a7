using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bindwise.Tests;

/// <summary>
/// What tests start acts on Ctrl+C, Ctrl+\ and a lost terminal, as for people. Who started the tests may have had these ignored, as nohup does and a script's shell
/// for what it puts in the background, and that is inherited.
/// </summary>
internal static class DefaultSignals
{
#pragma warning disable CA2255 // Before the first test, whichever it is: a test assembly has no other place.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Restore()
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int hangUp = 1, interrupt = 2, quit = 3;
        // proc_pid_status(5): a signal's bit is its number less one. Only what is ignored is touched: the runtime has handlers for some.
        const string field = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(field, StringComparison.Ordinal));
        var ignored = ulong.Parse(line.AsSpan(field.Length), NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        foreach (var number in (ReadOnlySpan<int>)[hangUp, interrupt, quit])
        {
            if ((ignored >> (number - 1) & 1) != 0)
                Signal(number, 0);
        }
    }

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Signal(int number, nint handler);
}
