using Bindwise.Planning.Documents;

namespace Bindwise.Planning.Formats.Systemd;

/// <param name="Value">The value; empty to reset a list.</param>
internal readonly record struct UnitSetting(string Key, string Value, PlanLocation Location);

/// <summary>
/// The assignments of one section of a unit: of its file, and of its drop-ins X.d/*.conf in the order of
/// their names (systemd.unit(5), systemd.syntax(7)).
/// </summary>
internal static class UnitText
{
    private const int MostDropIns = 64;

    /// <param name="section">The section, as <c>Socket</c>.</param>
    public static List<UnitSetting> Read(PlanContext context, string file, string section, string format)
    {
        var settings = new List<UnitSetting>();
        if (context.Read(file, format) is { } text)
            Add(text, file, section, settings, context);
        var folder = file + ".d";
        foreach (var name in context.Files.List(folder).Where(static name => name.EndsWith(".conf", StringComparison.Ordinal))
            .Take(MostDropIns))
        {
            var path = PlanPath.Combine(folder, name);
            if (context.Read(path, format) is { } dropIn)
                Add(dropIn, path, section, settings, context);
        }
        return settings;
    }

    private static void Add(string text, string file, string section, List<UnitSetting> settings, PlanContext context)
    {
        var isIn = false;
        foreach (var (number, line) in ConfigurationLines.Of(WithoutComments(text), continues: true))
        {
            var content = line.Trim();
            if (content.Length == 0)
                continue;
            if (content is ['[', .., ']'])
            {
                isIn = content[1..^1] == section;
                continue;
            }
            var equals = content.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && isIn)
                settings.Add(new UnitSetting(content[..equals].TrimEnd(), content[(equals + 1)..].Trim(), new PlanLocation(file, number)));
            else if (equals <= 0)
                context.Warn("not-understood", "this line is neither a section nor an assignment; systemd ignores it",
                    new PlanLocation(file, number));
        }
    }

    // A comment between continued lines is left out there; the line stays, so that numbers hold.
    private static string WithoutComments(string text)
    {
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].TrimStart() is ['#' or ';', ..])
                lines[index] = index > 0 && lines[index - 1].TrimEnd('\r') is [.., '\\'] ? "\\" : "";
        }
        return string.Join('\n', lines);
    }
}
