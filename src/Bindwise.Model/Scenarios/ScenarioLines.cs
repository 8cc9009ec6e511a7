namespace Bindwise.Model.Scenarios;

/// <summary>A stream of JSON documents, read one line at a time, so that a stream of any length takes the memory of its longest line.</summary>
public sealed class ScenarioLines
{
    /// <summary>How many lines were read, blank ones included.</summary>
    public int Count { get; private set; }

    /// <summary>Reads the next line. Never throws, whatever the bytes.</summary>
    /// <param name="line">The line, with or without its end.</param>
    /// <returns>What reading its document gave; null for a blank line.</returns>
    public ScenarioParse? Next(ReadOnlySpan<byte> line)
    {
        Count++;
        var document = line.Trim(" \t\r\n"u8);
        return document.IsEmpty ? null : ScenarioJson.Parse(line.TrimEnd("\r\n"u8), Count);
    }
}
