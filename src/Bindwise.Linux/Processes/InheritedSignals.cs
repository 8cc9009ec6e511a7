using System.Runtime.CompilerServices;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Two signals that this program ignores for its own sake, as it found them: what it becomes or starts for the user gets them as they were
/// (execve(2) keeps SIG_IGN). A service of systemd, for one, begins with SIGPIPE ignored, and may count on it.
/// </summary>
internal static class InheritedSignals
{
    private static readonly int[] Signals = [SignalCall.BrokenPipe, SignalCall.FileTooLarge];

    private static int[] s_defaults = Signals;

    /// <summary>Those that were not ignored.</summary>
    public static IReadOnlyList<int> Defaults => s_defaults;

    /// <summary>Ignores them from now on; before anything else.</summary>
    public static void Ignore()
    {
        // The runtime with a JIT has ignored the first by now, whatever it was; the native one is kept from it (Bindwise.Cli.csproj).
        s_defaults = Array.FindAll(Signals, static one =>
            (one == SignalCall.BrokenPipe && RuntimeFeature.IsDynamicCodeCompiled) || !SignalCall.IsIgnored(one));
        foreach (var signal in Signals)
            SignalCall.Ignore(signal);
    }

    /// <summary>Makes them what they were, for the program that this process becomes.</summary>
    public static void Restore()
    {
        foreach (var signal in s_defaults)
            SignalCall.Restore(signal);
    }
}
