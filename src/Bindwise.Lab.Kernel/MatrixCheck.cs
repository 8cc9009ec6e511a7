using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Lab.Kernel;

/// <summary>A cell that the running kernel answers otherwise, or could not be played.</summary>
/// <param name="IsFault">It could not be played; else it was, and differs.</param>
internal sealed record MatrixDifference(MatrixCell Cell, string Found, bool IsFault);

/// <summary>What playing the cells of Linux on the running kernel gave.</summary>
/// <param name="Skipped">How many were not: their addresses are not those of the lab's namespaces, or Linux lacks their option.</param>
/// <param name="Differences">Where the kernel says something else, in the order of the cells.</param>
internal sealed record MatrixCheck(int Played, int Skipped, ImmutableArray<MatrixDifference> Differences)
{
    // The ports of scenarios that share a namespace differ; below those that the system gives out itself.
    private const ushort FirstPort = 10_000;
    private const int Ports = 20_000;

    /// <param name="cancellation">Ends it early: what has not been played then is not counted.</param>
    /// <exception cref="UnplayableException">This system cannot be played on.</exception>
    public static MatrixCheck Play(ImmutableArray<MatrixCell> cells, CancellationToken cancellation)
    {
        var playable = cells.RemoveAll(static cell => !MatrixScenario.CanPlay(cell));
        var found = new MatrixDifference?[playable.Length];
        var played = 0;
        new ScenarioStream<(int Index, Scenario Scenario)>(KernelHosts.Alone, new StreamLimits(), static entry => entry.Scenario,
            (entry, result) =>
        {
            var difference = DifferenceOf(playable[entry.Index], result!);
            found[entry.Index] = difference;
            played += difference is { IsFault: true } ? 0 : 1;
            return true;
        }).Play(Entries(playable), cancellation);
        return new MatrixCheck(played, cells.Length - playable.Length, [.. found.OfType<MatrixDifference>()]);
    }

    private static IEnumerable<(int Index, Scenario Scenario)> Entries(ImmutableArray<MatrixCell> cells) =>
        cells.Select(static (cell, index) => (index, MatrixScenario.Of(cell, (ushort)(FirstPort + index % Ports))));

    private static MatrixDifference? DifferenceOf(MatrixCell cell, ScenarioResult result) =>
        result.Error is { } error ? new MatrixDifference(cell, error, IsFault: true)
            : result.Steps.FirstOrDefault(static outcome => outcome.IsFailedExpectation) is { } failed
                ? new MatrixDifference(cell, failed.Because, IsFault: false) : null;
}
