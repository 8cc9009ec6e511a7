using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Rendering.Matrices;

/// <summary>
/// The parts of a matrix that are sentences: one pair of sockets on several systems, the rules with their sources, the facts.
/// </summary>
internal static class MatrixText
{
    /// <summary>The columns where nobody names a width.</summary>
    public const int DefaultWidth = 80;

    private const int Indent = 10;

    /// <summary>One pair: what each system says, by which rule, and where it stands.</summary>
    public static ImmutableArray<TextLine> Pair(ImmutableArray<MatrixCell> cells, int? width)
    {
        var page = new Lines(width ?? DefaultWidth, cells.Select(static cell => cell.Platform.Name.Length + 2).Append(Indent).Max());
        if (cells.IsEmpty)
            return page.All;
        page.Row("first", [new(TextRole.Text, cells[0].First.ToString())]);
        page.Row("second", [new(TextRole.Text, cells[0].Second.ToString())]);
        page.Blank();
        foreach (var cell in cells)
        {
            var ruling = cell.Ruling;
            var role = ruling.IsAllowed ? TextRole.Free : ruling.IsRefused ? TextRole.Blocked : TextRole.Undetermined;
            page.Row(
                cell.Platform.Name,
                [
                    new(TextRole.Text, cell.Call + "() "), new(role, ruling.Text), new(TextRole.Text, "  "),
                    new(TextRole.Rule, ruling.Rule.Id), new(TextRole.Text, "  "),
                    new(TextRole.Dim, CertaintyOf(cell)),
                ]);
            page.Row("", [new(TextRole.Text, ruling.Rule.Sentence)]);
            page.Row("", [new(TextRole.Dim, ruling.Rule.Citation)]);
        }
        return page.All;
    }

    // Of Linux the release tells: on some of them every rule was played, which is not said of this answer.
    private static string CertaintyOf(MatrixCell cell) => cell.Platform is not LinuxProfile { Kernel: var kernel }
        ? ConfidenceNames.Of(cell.Ruling.Rule.Confidence)
        : $"rule {KernelCertaintyNames.Of(kernel.Certainty)}{(kernel.Certainty == KernelCertainty.Played ? $" on {kernel}" : "")}";

    /// <summary>The rules that decided, each once, in the order in which they come first.</summary>
    public static ImmutableArray<TextLine> Rules(ImmutableArray<MatrixCell> cells, int? width)
    {
        var page = new Lines(width ?? DefaultWidth);
        var seen = new HashSet<(string, string)>();
        foreach (var cell in cells)
        {
            var rule = cell.Ruling.Rule;
            if (!seen.Add((cell.Platform.Id, rule.Id)))
                continue;
            page.Add([new(TextRole.Rule, rule.Id), new(TextRole.Text, "  "), new(TextRole.Label, cell.Platform.Name),
                new(TextRole.Dim, ", " + ConfidenceNames.Of(rule.Confidence))]);
            page.Row("", [new(TextRole.Text, rule.Sentence)]);
            page.Row("", [new(TextRole.Dim, rule.Citation)]);
        }
        return page.All;
    }

    /// <summary>The facts of a system beside its rules.</summary>
    public static ImmutableArray<TextLine> Facts(PlatformProfile platform, int? width)
    {
        var page = new Lines(width ?? DefaultWidth);
        page.Add([new(TextRole.Name, $"{platform.Name}, {platform.Release}")]);
        foreach (var (heading, fact) in platform.Facts.Told)
        {
            page.Add([new(TextRole.Label, heading)]);
            page.Row("", [new(TextRole.Text, fact.Text)]);
            page.Row("", [new(TextRole.Dim, $"{fact.Citation} ({ConfidenceNames.Of(fact.Confidence)})")]);
        }
        return page.All;
    }

    private sealed class Lines(int width, int indent = Indent)
    {
        private readonly ImmutableArray<TextLine>.Builder _lines = ImmutableArray.CreateBuilder<TextLine>();

        public ImmutableArray<TextLine> All => _lines.ToImmutable();

        public void Blank() => _lines.Add(new TextLine([]));

        public void Add(IReadOnlyList<TextSpan> text)
        {
            foreach (var line in Wrapped(text, 0))
                _lines.Add(new TextLine(line));
        }

        public void Row(string label, IReadOnlyList<TextSpan> text)
        {
            var head = label.PadRight(indent);
            foreach (var line in Wrapped(text, indent))
            {
                _lines.Add(new TextLine([new TextSpan(TextRole.Label, head), .. line]));
                head = new string(' ', indent);
            }
        }

        private IEnumerable<ImmutableArray<TextSpan>> Wrapped(IReadOnlyList<TextSpan> text, int indent)
        {
            var paragraph = new Paragraph();
            foreach (var span in text)
                paragraph.Add(span.Role, span.Text);
            return Wrapping.Break(paragraph.Spans, Math.Max(TextOptions.MinimumWidth, width - indent), 0);
        }
    }
}
