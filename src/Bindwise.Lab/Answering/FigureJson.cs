using System.Text.Json;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.States;

namespace Bindwise.Lab.Answering;

/// <summary>
/// The connection state diagram of RFC 9293 as numbers, on the cells of <see cref="StateFigure"/>: the page draws it with the states of the
/// moment.
/// </summary>
internal static class FigureJson
{
    public static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("columns", StateFigure.Columns);
        writer.WriteNumber("rows", StateFigure.Rows);
        writer.WriteNumber("boxColumns", StateFigure.BoxColumns);
        writer.WriteStartArray("boxes");
        foreach (var box in StateFigure.Boxes)
        {
            writer.WriteStartObject();
            writer.WriteString("state", StateFigure.Name(box.Node));
            writer.WriteNumber("column", box.Column);
            writer.WriteNumber("row", box.Row);
            writer.WriteNumber("height", box.Height);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("edges");
        foreach (var edge in StateFigure.Edges)
            WriteEdge(writer, edge);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteEdge(Utf8JsonWriter writer, StateEdge edge)
    {
        writer.WriteStartObject();
        writer.WriteString("from", StateFigure.Name(edge.From));
        writer.WriteString("to", StateFigure.Name(edge.To));
        writer.WriteStartArray("points");
        foreach (var point in edge.Points)
            WriteCell(writer, point);
        writer.WriteEndArray();
        writer.WriteString("text", edge.Text);
        writer.WritePropertyName("place");
        WriteCell(writer, edge.Place);
        writer.WriteBoolean("before", edge.IsBefore);
        writer.WriteEndObject();
    }

    private static void WriteCell(Utf8JsonWriter writer, Cell cell)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(cell.Column);
        writer.WriteNumberValue(cell.Row);
        writer.WriteEndArray();
    }
}
