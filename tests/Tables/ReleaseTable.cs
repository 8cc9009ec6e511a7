using Bindwise.Model.Kernels;

namespace Bindwise.Tests.Tables;

/// <summary>A row of scenarios/releases/changes.rows: what releases of Linux answer differently.</summary>
/// <param name="Change">The change's name in <see cref="KernelChanges"/>.</param>
/// <param name="Releases">The releases that answer so.</param>
/// <param name="IsBuiltIn">Whether kernels answer so that are built with a change that no release has, or those that are not; null for both.</param>
/// <param name="Row">The steps.</param>
internal sealed record ReleaseRow(string Change, KernelRange Releases, bool? IsBuiltIn, TableRow Row)
{
    public bool IsOf(KernelRelease kernel) => Releases.Includes(kernel) && (IsBuiltIn is not { } built || built == kernel.HasOneTablePerSocket);
}

/// <summary>The table of scenarios/releases/. The tests of the model, those against the running kernel and eng/kernels read the same.</summary>
internal static class ReleaseTable
{
    private const string File = "changes.rows";
    private const string Every = "..";
    private const string BuiltWith = "with";
    private const string BuiltWithout = "without";

    /// <summary>All rows, in order.</summary>
    public static IReadOnlyList<ReleaseRow> Read()
    {
        var rows = new List<ReleaseRow>();
        foreach (var (number, text) in RuleTables.LinesOf("releases", File))
        {
            var cells = text.Split('|', StringSplitOptions.TrimEntries);
            var range = KernelRange.All;
            bool? isBuiltIn = cells is [_, BuiltWith, _] ? true : cells is [_, BuiltWithout, _] ? false : null;
            if (cells.Length != 3 || (isBuiltIn is null && cells[1] != Every && !KernelRange.TryParse(cells[1], out range)))
                throw new FormatException($"{File}:{number}: a row is: change | releases, with or without | steps");
            rows.Add(new ReleaseRow(cells[0], range, isBuiltIn, new TableRow($"{File}:{number}", "", Decides: false, "", cells[2])));
        }
        return rows;
    }
}
