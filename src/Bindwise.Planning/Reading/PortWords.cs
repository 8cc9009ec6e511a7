namespace Bindwise.Planning.Reading;

internal static class PortWords
{
    /// <summary>A port from 1 to 65535; null for anything else.</summary>
    public static int? Port(string? text) =>
        text is { Length: > 0 and <= 5 } && text.All(char.IsAsciiDigit)
            && int.Parse(text, CultureInfo.InvariantCulture) is > 0 and <= ushort.MaxValue and var port ? port : null;

    /// <summary>A port or <c>FIRST-LAST</c>; null for anything else.</summary>
    public static (int First, int Last)? Range(string? text)
    {
        if (Port(text) is { } one)
            return (one, one);
        return text?.Split('-') is [var from, var to] && Port(from) is { } first && Port(to) is { } last && first <= last ? (first, last)
            : null;
    }
}
