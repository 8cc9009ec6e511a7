using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Rendering.Matrices;

/// <summary>
/// The parts of a matrix that are sentences: one pair of sockets on several systems, the rules with their sources, the facts.
/// </summary>
internal static class MatrixText
{
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

    public static ImmutableArray<TextLine> Facts(PlatformProfile platform, int? width)
    {
        var page = new Lines(width ?? DefaultWidth);
        page.Add([new(TextRole.Name, $"{platform.Name}, {platform.Release}")]);
        foreach (var (heading, fact) in platform.Facts.Listed)
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

/// <summary>What playing the cells of Linux on the running kernel gave, for <see cref="MatrixJson"/>.</summary>
internal sealed record MatrixVerdict(string Kernel, int Played, int Skipped, ImmutableArray<(MatrixCell Cell, string Found)> Differences);

/// <summary>A matrix as one line of JSON: docs/schema/matrix.schema.json.</summary>
internal static class MatrixJson
{
    public const string Schema = "bindwise.matrix/1";

    public static void Write(IBufferWriter<byte> output, ImmutableArray<PlatformProfile> platforms, ImmutableArray<MatrixCell> cells,
        MatrixVerdict? verdict) => JsonText.Document(output, Schema, writer =>
    {
        writer.WriteList("systems", platforms, platform => WriteSystem(writer, platform));
        writer.WriteList("cells", cells, cell => WriteCell(writer, cell));
        writer.WriteObject("verified", verdict, found => WriteVerdict(writer, found));
    });

    private static void WriteSystem(Utf8JsonWriter writer, PlatformProfile platform)
    {
        writer.WriteText("id", platform.Id);
        writer.WriteText("name", platform.Name);
        writer.WriteText("release", platform.Release);
        writer.WriteList("facts", platform.Facts.Listed, one =>
        {
            var (heading, fact) = one;
            writer.WriteText("about", heading);
            writer.WriteText("text", fact.Text);
            WriteSource(writer, fact.Citation, fact.Confidence);
        });
    }

    private static void WriteCell(Utf8JsonWriter writer, MatrixCell cell)
    {
        writer.WriteText("system", cell.Platform.Id);
        WriteSocket(writer, "first", cell.First);
        writer.WriteText("state", MatrixWords.Of(cell.First.State));
        WriteSocket(writer, "second", cell.Second);
        writer.WriteBoolean("listens", cell.Second.Listens);
        writer.WriteText("call", cell.Call);
        writer.WriteText("result", cell.Ruling.Text);
        writer.WriteTexts("results", cell.Ruling.Results);
        writer.WriteStartObject("rule");
        writer.WriteText("id", cell.Ruling.Rule.Id);
        writer.WriteText("sentence", cell.Ruling.Rule.Sentence);
        WriteSource(writer, cell.Ruling.Rule.Citation, cell.Ruling.Rule.Confidence);
        writer.WriteEndObject();
    }

    private static void WriteSocket(Utf8JsonWriter writer, string name, MatrixSocket socket)
    {
        writer.WriteStartObject(name);
        writer.WriteText("protocol", socket.Protocol == Protocol.Udp ? "udp" : "tcp");
        writer.WriteText("address", socket.Address.ToString());
        writer.WriteNumber("port", socket.Port);
        writer.WriteBoolean("v6only", socket.V6Only);
        writer.WriteTexts("options", MatrixWords.Of(socket.Options));
        writer.WriteNumber("user", socket.User);
        writer.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter writer, string citation, Confidence confidence)
    {
        writer.WriteText("citation", citation);
        writer.WriteText("sureness", ConfidenceNames.Of(confidence));
    }

    private static void WriteVerdict(Utf8JsonWriter writer, MatrixVerdict verdict)
    {
        writer.WriteText("kernel", verdict.Kernel);
        writer.WriteNumber("played", verdict.Played);
        writer.WriteNumber("skipped", verdict.Skipped);
        writer.WriteList("differences", verdict.Differences, one =>
        {
            var (cell, found) = one;
            writer.WriteText("first", cell.First.ToString());
            writer.WriteText("second", cell.Second.ToString());
            writer.WriteText("found", found);
        });
    }
}
