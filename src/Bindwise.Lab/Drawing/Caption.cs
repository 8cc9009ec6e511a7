using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Recording;

namespace Bindwise.Lab.Drawing;

/// <summary>What stands above every picture of a record: its name, and where what it shows was seen.</summary>
internal static class Caption
{
    /// <summary>The name.</summary>
    public static string TitleOf(Record record) => record.Scenario.Name.Length > 0 ? Cells.Clean(record.Scenario.Name) : "scenario";

    /// <summary>Where it was seen, and by which means.</summary>
    public static string SourceOf(Record record)
    {
        var means = record.Means.Length > 0 ? record.Means : record.Host.IsKernel ? "" : "the rule model";
        return Cells.Clean(record.Host.IsKernel ? $"captured on {record.Host.System}{(means.Length > 0 ? ": " : "")}{means}" : $"drawn from {means} ({record.Host.System})");
    }

    /// <summary>Adds both, and an empty row.</summary>
    public static void Add(PictureBuilder picture, Record record)
    {
        picture.Paragraph(TitleOf(record), Tone.Strong);
        picture.Paragraph(SourceOf(record), Tone.Dim);
        picture.Space();
    }
}
