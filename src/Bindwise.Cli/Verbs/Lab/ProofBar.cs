using Bindwise.Lab.Proving;
using Bindwise.Lab.Recording;
using Bindwise.Model.Sockets;
using static System.FormattableString;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>How far a run of <c>lab prove</c> is, as a bar for a terminal.</summary>
internal static class ProofBar
{
    private const int Cells = 12;

    /// <summary>The bar.</summary>
    /// <param name="progress">How far it is.</param>
    /// <param name="elapsed">How long it has been running.</param>
    /// <param name="seconds">How long the longest case waits.</param>
    public static string Of(ProofProgress progress, TimeSpan elapsed, double seconds)
    {
        var ofCases = progress.Cases == 0 ? 0 : (double)progress.Played / progress.Cases;
        // Nearly all the time goes by in waits, which all run at once.
        var share = seconds < 2 ? ofCases : Math.Min(elapsed.TotalSeconds / seconds, 0.99);
        var full = (int)Math.Clamp(share * Cells, 0, Cells);
        return Invariant($"[{new string('#', full)}{new string('.', Cells - full)}] {progress.Played} of {progress.Cases} cases{Waiting(progress.Longest)}");
    }

    // The kernel's own countdown, beside what the scenario waits for.
    private static string Waiting(PlayProgress? wait)
    {
        if (wait is null)
            return "";
        var left = Math.Max(0, (wait.Wait - wait.Waited).TotalSeconds);
        var row = wait.Sockets.FirstOrDefault(static row => row.SecondsLeft is not null);
        var countdown = row is null ? "" : Invariant($", {TcpStateNames.Of(row.State, row.Protocol)} {row.SecondsLeft:0.0} s");
        var attempts = wait.Attempts > 0 ? Invariant($", attempt {wait.Attempts}") : "";
        // What moves stands first: a narrow terminal cuts the name.
        return Invariant($"; {left:0} s to wait{countdown}{attempts}: {wait.Scenario.Name}");
    }
}
