using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Verbs.Pick;

/// <summary><c>{port}</c> and <c>{port:2}</c> in the arguments of a command.</summary>
internal static class PortPlaceholders
{
    private const string Start = "{port";
    private const int MostShown = 60;

    /// <summary>What is wrong with a command's placeholders, one line; null when nothing is.</summary>
    /// <param name="command">The program, in whose name nothing is replaced, and its arguments.</param>
    public static string? WhyNot(IReadOnlyList<string> command, int count)
    {
        foreach (var argument in command.Skip(1))
        {
            foreach (var found in In(argument))
            {
                if (IndexOf(argument[found], count) is null)
                    return $"there is no {Escaper.Escape(argument[found], MostShown)}: {Known(count)}";
            }
        }
        return null;
    }

    /// <summary>The command with its ports; what is no UTF-8 stays as it is.</summary>
    public static IReadOnlyList<byte[]> Fill(IReadOnlyList<byte[]> command, IReadOnlyList<ushort> ports) =>
        // Latin-1 gives each byte a letter, and each of them its byte again.
        [.. command.Select((word, index) => index == 0 ? word : Encoding.Latin1.GetBytes(Fill(Encoding.Latin1.GetString(word), ports)))];

    private static string Fill(string argument, IReadOnlyList<ushort> ports)
    {
        var text = new StringBuilder();
        var copied = 0;
        foreach (var found in In(argument))
        {
            var (start, length) = found.GetOffsetAndLength(argument.Length);
            text.Append(argument, copied, start - copied);
            text.Append(CultureInfo.InvariantCulture, $"{ports[IndexOf(argument[found], ports.Count) ?? 0]}");
            copied = start + length;
        }
        return text.Append(argument, copied, argument.Length - copied).ToString();
    }

    private static string Known(int count) => count == 1
        ? "one port is picked, {port}"
        : string.Create(CultureInfo.InvariantCulture, $"{count} ports are picked, {{port:1}} to {{port:{count}}}");

    // {port}, and {port: with all that follows until the next brace closes it.
    private static IEnumerable<Range> In(string argument)
    {
        for (var at = 0; (at = argument.IndexOf(Start, at, StringComparison.Ordinal)) >= 0; at += Start.Length)
        {
            var rest = argument.AsSpan(at + Start.Length);
            var length = rest is ['}', ..] ? 1 : rest is [':', ..] ? rest.IndexOf('}') + 1 : 0;
            if (length > 0)
                yield return at..(at + Start.Length + length);
        }
    }

    private static int? IndexOf(string placeholder, int count)
    {
        if (placeholder is "{port}")
            return 0;
        var isNumber = int.TryParse(placeholder.AsSpan(Start.Length + 1, placeholder.Length - Start.Length - 2), NumberStyles.None,
            CultureInfo.InvariantCulture, out var number);
        return isNumber && number >= 1 && number <= count ? number - 1 : null;
    }
}
