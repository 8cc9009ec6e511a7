using Bindwise.Lab.Proving;
using static System.FormattableString;

namespace Bindwise.Cli.Verbs;

/// <summary>How far a run of <c>lab prove</c> is, as a bar for a terminal.</summary>
internal static class ProofBar
{
    private const int Cells = 30;

    /// <summary>The bar.</summary>
    /// <param name="progress">How far it is.</param>
    /// <param name="elapsed">How long it has been running.</param>
    /// <param name="seconds">How long the longest case waits.</param>
    public static string Of(ProofProgress progress, TimeSpan elapsed, double seconds)
    {
        var ofCases = progress.Cases == 0 ? 0 : (double)progress.Played / progress.Cases;
        // Nearly all the time goes by in waits, which all run at once.
        var share = seconds < 2 ? ofCases : Math.Min(elapsed.TotalSeconds / seconds, Math.Max(ofCases, 0.99));
        var full = (int)Math.Clamp(share * Cells, 0, Cells);
        var left = seconds < 2 ? "" : Invariant($", about {Math.Max(0, seconds - elapsed.TotalSeconds):0} s to wait");
        return Invariant($"[{new string('#', full)}{new string('.', Cells - full)}] {progress.Played} of {progress.Cases} cases{left}");
    }
}
