using Bindwise.Cli.Verbs.Lab;
using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Matrices;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;
using Bindwise.Rendering.Matrices;

namespace Bindwise.Cli.Verbs.Matrix;

internal sealed class MatrixRun(MatrixRequest request, AnswerStream output, ErrorLines errors)
{
    // Room for a line of a picture that people put beside text.
    private const int SvgColumns = 110;

    // From here on the rules' ids stand in the cells.
    private const int WidthForRules = 100;

    // More say no more.
    private const int MostDifferences = 20;

    private readonly MatrixPlan _plan = request.Plan;

    public ExitCode Show()
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation, errors);
        MatrixCheck? check = null;
        if (request.Verifies)
        {
            if (Verify(cancellation.Token) is not { } verified)
                return ExitCode.Error;
            check = verified;
        }
        if (cancellation.IsCancellationRequested)
            return ExitCode.Interrupted;
        if (request.IsJson)
            WriteJson(check);
        else if (request.IsSvg)
            output.Write(SvgPicture.Write(MatrixPicture.Of(Grids(SvgColumns),
                HasOthers ? MatrixGrids.Legend(Cells()).Add(NotRun) : MatrixGrids.Legend(Cells()), SvgColumns)));
        else
            WriteText(check);
        return ExitOf(check);
    }

    private bool HasOthers => _plan.Platforms.Any(static platform => platform is not LinuxProfile);
    private string NotRun => _plan.Linux is not null ? "All but Linux: documented, not run." : "Documented, not run.";

    private ImmutableArray<MatrixCell> Cells() => [.. _plan.Platforms.SelectMany(platform => _plan.CellsOf(platform).AsEnumerable())];

    private MatrixCheck? Verify(CancellationToken cancellation)
    {
        try
        {
            if (LabHosts.Open(PlayOn.Kernel, errors) is null)
                return null;
            return MatrixCheck.Play(_plan.CellsOf(_plan.Linux!), cancellation);
        }
        catch (LiveUnavailableException exception)
        {
            errors.Write(exception.Message);
            return null;
        }
    }

    private ExitCode ExitOf(MatrixCheck? check)
    {
        if (output.Fault is { } fault)
        {
            errors.Write($"cannot write to standard output: {fault}");
            return ExitCode.Error;
        }
        var worst = ExitCode.Success;
        foreach (var difference in check?.Differences ?? [])
            worst = ExitCodes.Worst(worst, difference.IsFault ? ExitCode.Error : ExitCode.Negative);
        return worst;
    }

    private void WriteJson(MatrixCheck? check)
    {
        var line = new ArrayBufferWriter<byte>();
        MatrixJson.Write(line, _plan.Platforms, Cells(), check is null ? null : new MatrixVerdict(
            Kernel, check.Played, check.Skipped, [.. check.Differences.Select(static difference => (difference.Cell, difference.Found))]));
        line.Write("\n"u8);
        output.Write(line.WrittenSpan);
    }

    private ImmutableArray<Grid> Grids(int columns) => _plan.Platforms.Length > 1
        ? MatrixGrids.Compare(_plan, request.IsWhole || _plan.IsPair)
        : MatrixGrids.Of(_plan, _plan.Platforms[0], showsRules: request.ShowsRules || columns >= WidthForRules);

    private void WriteText(MatrixCheck? check)
    {
        var terminal = Terminal.Detect();
        var width = terminal.Width ?? MatrixText.DefaultWidth;
        var lines = ImmutableArray.CreateBuilder<TextLine>();
        var cells = Cells();
        if (_plan.IsPair)
        {
            lines.AddRange(MatrixText.Pair(cells, width));
        }
        else
        {
            lines.AddRange(DrawnText.ToLines(
                TextPicture.Render(MatrixPicture.Of(Grids(width), MatrixGrids.Legend(cells), width), request.IsAscii)));
            if (request.ShowsRules)
                AddRules(lines, cells, width);
        }
        if (HasOthers)
            lines.AddRange(Note($"{NotRun} --rules shows the rules and their sources.", width));
        if (check is not null)
            AddCheck(lines, check, width);
        var text = TextOutput.Format(lines.ToImmutable(), terminal.IsColoured);
        output.Write(request.IsAscii ? ToAscii(text) : text);
    }

    private void AddRules(ImmutableArray<TextLine>.Builder lines, ImmutableArray<MatrixCell> cells, int width)
    {
        lines.Add(new TextLine([]));
        lines.AddRange(MatrixText.Rules(cells, width));
        foreach (var platform in _plan.Platforms)
        {
            lines.Add(new TextLine([]));
            lines.AddRange(MatrixText.Facts(platform, width));
        }
    }

    private static void AddCheck(ImmutableArray<TextLine>.Builder lines, MatrixCheck check, int width)
    {
        // Those that could not be played mostly share one reason.
        var faults = check.Differences.Where(static difference => difference.IsFault)
            .GroupBy(static difference => difference.Found, StringComparer.Ordinal).ToList();
        var count = check.Played == 1 ? "1 cell" : $"{check.Played.ToString(CultureInfo.InvariantCulture)} cells";
        var skipped = check.Skipped == 0 ? "" : $" ({check.Skipped} left out: not an address, port or option of the lab's namespaces)";
        var differing = check.Differences.Count(static difference => !difference.IsFault);
        var result = check.Played == 0 ? "so nothing was checked."
            : differing == 0 ? "each as shown." : differing == 1 ? "1 differs:" : $"{differing} differ:";
        lines.AddRange(Note($"Played on Linux {Kernel}: {count}{skipped}, {result}", width));
        foreach (var difference in check.Differences.Where(static difference => !difference.IsFault).Take(MostDifferences))
            lines.AddRange(Note($"! {difference.Cell.First}, then {difference.Cell.Second}: {difference.Found}", width));
        foreach (var fault in faults.Take(MostDifferences))
            lines.AddRange(Note($"! {fault.Count()} could not be played: {fault.Key}", width));
    }

    private static string Kernel => OperatingSystem.IsLinux() ? RunningKernel.ReadName() : "";

    private static ImmutableArray<TextLine> Note(string text, int width) =>
        DrawnText.ToLines([.. Bindwise.Lab.Drawing.Pictures.Cells.Wrap(text, width)
            .Select(static line => new DrawnLine([new DrawnSpan(Tone.Dim, line)]))]);

    // The sentences of the rules hold a few signs beyond ASCII.
    private static string ToAscii(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
            plain.Append(char.IsAscii(letter) ? letter : letter == '§' ? "sec." : "?");
        return plain.ToString();
    }
}
