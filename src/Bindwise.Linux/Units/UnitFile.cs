using System.Text;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Units;

/// <summary>The assignments of a unit file, in order (systemd.syntax(7)). Pure; any bytes give some.</summary>
internal static class UnitFile
{
    /// <summary>Longer files are no unit files.</summary>
    internal const int MaximumBytes = 64 * 1024;

    /// <summary>The assignments of one section.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="section">The section, as <c>Socket</c>.</param>
    internal static List<(string Key, string Value)> Read(ReadOnlySpan<byte> bytes, string section)
    {
        var assignments = new List<(string, string)>();
        var isInside = false;
        var continued = new StringBuilder();
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = KernelText.Decode(bytes[range]).Trim();
            // A comment between the lines of one assignment does not end it.
            if (line is ['#' or ';', ..])
                continue;
            if (line.EndsWith('\\'))
            {
                continued.Append(line, 0, line.Length - 1).Append(' ');
                continue;
            }
            line = continued.Append(line).ToString();
            continued.Clear();
            if (line is ['[', .., ']'])
                isInside = line[1..^1] == section;
            else if (isInside && line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
                assignments.Add((line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart()));
        }
        return assignments;
    }

    /// <summary>A boolean as systemd reads it; null for anything else.</summary>
    internal static bool? Boolean(string value) => value switch
    {
        "1" or "yes" or "true" or "on" or "y" or "t" => true,
        "0" or "no" or "false" or "off" or "n" or "f" => false,
        _ => null,
    };
}
