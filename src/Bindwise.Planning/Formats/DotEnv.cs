namespace Bindwise.Planning.Formats;

/// <summary>Files of <c>NAME=value</c> lines: .env of compose, foreman and dotenv.</summary>
internal static class DotEnv
{
    public const string Format = "env";

    /// <summary>A value that is no port is told up to this length.</summary>
    private const int LongestShown = 20;

    /// <summary>The values; none for a file that does not exist. References to other variables are left as they are.</summary>
    public static Dictionary<string, string> Values(PlanContext context, string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value, _) in Lines(context.Read(path, null) ?? ""))
            values[name] = value;
        return values;
    }

    /// <summary>The last value of a name, and its place; null where the file does not set it.</summary>
    public static (string Value, PlanLocation Location)? Find(PlanContext context, string path, string name)
    {
        (string, PlanLocation)? found = null;
        foreach (var one in Lines(context.Read(path, null) ?? ""))
        {
            if (one.Name == name)
                found = (one.Value, new PlanLocation(path, one.Line));
        }
        return found;
    }

    /// <summary>PORT and its place; null where the file does not set it.</summary>
    public static (int Port, PlanLocation Location)? Port(PlanContext context, string path) =>
        Find(context, path, "PORT") is var (value, at) && PortWords.Port(value) is { } port ? (port, at) : null;

    /// <summary>Why <see cref="Port"/> is null, a clause.</summary>
    public static string WhyNoPort(PlanContext context, string path) => Find(context, path, "PORT")?.Value switch
    {
        null => "it sets no PORT",
        "" => "its PORT is empty",
        "0" => "its PORT=0 lets the system choose",
        { Length: > LongestShown } => "its PORT is no port",
        var value => $"its PORT={value} is no port",
    };

    private static IEnumerable<(string Name, string Value, int Line)> Lines(string text)
    {
        foreach (var (number, line) in ConfigurationLines.Of(text))
        {
            var rest = line.AsSpan().Trim();
            if (rest.StartsWith("export "))
                rest = rest[7..].TrimStart();
            var equals = rest.IndexOf('=');
            if (equals <= 0 || rest[0] == '#')
                continue;
            yield return (rest[..equals].TrimEnd().ToString(), Value(rest[(equals + 1)..].Trim()), number);
        }
    }

    private static string Value(ReadOnlySpan<char> text)
    {
        if (text is ['"' or '\'', ..] && text[1..].IndexOf(text[0]) is >= 0 and var end)
            return text.Slice(1, end).ToString();
        var comment = text.IndexOf(" #");
        return (comment < 0 ? text : text[..comment]).TrimEnd().ToString();
    }
}
