namespace Bindwise.Model.Targets.Errors;

/// <summary>Reads what structured logs and printed objects name: <c>"port":3000</c>, <c>port: 3000</c>, <c>host=127.0.0.1</c>.</summary>
internal static class PropertyReader
{
    /// <summary>The port under a key; null for none.</summary>
    public static AddressMention? Port(string words, string key) => Read(words, key, isPort: true);

    /// <summary>The address under a key; null for none.</summary>
    public static AddressMention? Address(string words, string key) => Read(words, key, isPort: false);

    private static AddressMention? Read(string words, string key, bool isPort)
    {
        for (var at = words.IndexOf(key, StringComparison.OrdinalIgnoreCase); at >= 0; at = words.IndexOf(key, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var separator = at + key.Length;
            if (separator < words.Length && words[separator] is '"' or '\'')
                separator++;
            if (separator >= words.Length || words[separator] is not (':' or '=') || (at > 0 && char.IsAsciiLetterOrDigit(words[at - 1])))
                continue;
            var value = separator + 1;
            while (value < words.Length && words[value] == ' ')
                value++;
            if (isPort ? AddressMentionReader.TryReadPort(words, value, out var place) : EndpointReader.TryReadAddress(words, value, out place))
                return place;
        }
        return null;
    }
}
