using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Bindwise;

/// <summary>
/// The assemblies of a diagnosis, which a start that works does not load. Without a free descriptor they cannot be loaded, and the runtime
/// keeps such a failure: no diagnosis would be had any more, and no failure explained. So they are loaded once the program has started.
/// </summary>
internal static class DiagnosisAssemblies
{
    /// <summary>An AppContext switch: false, and nothing is loaded before it is needed.</summary>
    private const string Switch = "Bindwise.LoadAhead";

    private const string OwnParts = "Bindwise.";

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    private static Timer? s_timer;

    /// <summary>Loads them in some seconds, on a thread of the pool. Asked again, it does nothing.</summary>
    internal static void LoadLater()
    {
        if (s_timer is not null || !RuntimeFeature.IsDynamicCodeCompiled || !OperatingSystem.IsLinux()
            || (AppContext.TryGetSwitch(Switch, out var isOn) && !isOn))
            return;
        // It stands for the process: nothing of who happens to bind first goes with it.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        var timer = new Timer(static _ => Load(), null, Delay, Timeout.InfiniteTimeSpan);
        if (Interlocked.CompareExchange(ref s_timer, timer, null) is not null)
            timer.Dispose();
    }

    /// <summary>Loads them now: all that the library and its own parts refer to.</summary>
    internal static void Load() => LoadReferencesOf(typeof(DiagnosisAssemblies).Assembly, []);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "What was trimmed away is not loaded, and nobody misses it.")]
    private static void LoadReferencesOf(Assembly assembly, HashSet<string> known)
    {
        foreach (var name in assembly.GetReferencedAssemblies())
        {
            if (!known.Add(name.FullName))
                continue;
            try
            {
                var loaded = Assembly.Load(name);
                if (name.Name?.StartsWith(OwnParts, StringComparison.Ordinal) == true)
                    LoadReferencesOf(loaded, known);
            }
            catch (Exception exception) when (exception is IOException or BadImageFormatException)
            {
                // Whoever asks for a diagnosis is told.
            }
        }
    }
}
