using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Rendering.Matrices;

/// <summary>What playing the cells of Linux on the running kernel gave, for <see cref="MatrixJson"/>.</summary>
/// <param name="Skipped">How many could not be.</param>
internal sealed record MatrixVerdict(string Kernel, int Played, int Skipped, ImmutableArray<(MatrixCell Cell, string Found)> Differences);

/// <summary>A matrix as one line of JSON: docs/schema/matrix.schema.json.</summary>
internal static class MatrixJson
{
    /// <summary>The name and version of this form.</summary>
    public const string Schema = "bindwise.matrix/1";

    /// <summary>Writes the matrix, without the line's end.</summary>
    /// <param name="verdict">What the running kernel said; null where it was not asked.</param>
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
        writer.WriteList("facts", platform.Facts.Told, one =>
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
