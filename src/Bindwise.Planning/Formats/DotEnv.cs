using Bindwise.Planning.Formats.Compose;

namespace Bindwise.Planning.Formats;

/// <summary>
/// Files of <c>NAME=value</c> lines: .env of compose, foreman and dotenv. As compose reads them (compose-go, dotenv), a name may end in a
/// colon as well, and a value that is not in single quotes may refer to those of lines before it.
/// </summary>
internal static class DotEnv
{
    public const string Format = "env";

    /// <summary>A value that is no port is told up to this length.</summary>
    private const int LongestShown = 20;

    /// <summary>Adds the values of a file in place of earlier ones; none for a file that does not exist.</summary>
    /// <param name="above">What is set elsewhere, and counts before them.</param>
    public static void AddTo(Dictionary<string, VariableValue> values, PlanContext context, string path, ComposeInterpolation above)
    {
        var before = above.Over(values);
        foreach (var line in Lines(context.Read(path, null) ?? ""))
            values[line.Name] = line.IsLiteral ? new VariableValue(line.Value) : before.Resolve(line.Value);
    }

    /// <summary>
    /// The last value of a name, and its place; null where the file does not set it. One that refers to what the file does not set is left
    /// as it stands.
    /// </summary>
    public static (string Value, PlanLocation Location)? Find(PlanContext context, string path, string name)
    {
        if (Lines(context.Read(path, null) ?? "").LastOrDefault(line => line.Name == name) is not { Name: not null } last)
            return null;
        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        AddTo(values, context, path, ComposeInterpolation.Empty);
        return (values[name] is { FindUnsupported.IsEmpty: true, Text: var text } ? text : last.Value, new PlanLocation(path, last.Line));
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

    /// <param name="IsLiteral">It stands in single quotes: a dollar sign in it is one.</param>
    private readonly record struct Assignment(string Name, string Value, int Line, bool IsLiteral);

    private static IEnumerable<Assignment> Lines(string text)
    {
        var lines = ConfigurationLines.Of(text).ToList();
        for (var at = 0; at < lines.Count; at++)
        {
            var (number, line) = lines[at];
            // What stands in quotes may go on over several lines.
            if (OpenQuote(line) is { } quote && lines.FindIndex(at + 1, next => next.Text.Contains(quote)) is > 0 and var last)
            {
                line = string.Join('\n', lines[at..(last + 1)].Select(static one => one.Text));
                at = last;
            }
            var rest = line.AsSpan().Trim();
            if (rest.StartsWith("export "))
                rest = rest[7..].TrimStart();
            var end = rest.IndexOfAny('=', ':');
            if (end <= 0 || rest[0] == '#')
                continue;
            var value = rest[(end + 1)..].Trim();
            yield return new Assignment(rest[..end].TrimEnd().ToString(), Value(value), number, value is ['\'', ..]);
        }
    }

    /// <summary>The quote with which a line's value begins, and which it does not end; null for none.</summary>
    private static char? OpenQuote(string line)
    {
        var end = line.AsSpan().IndexOfAny('=', ':');
        return end > 0 && line.AsSpan().TrimStart() is not ['#', ..] && line.AsSpan(end + 1).Trim() is ['"' or '\'', ..] value
            && !value[1..].Contains(value[0]) ? value[0] : null;
    }

    private static string Value(ReadOnlySpan<char> text)
    {
        if (text is ['"' or '\'', ..] && text[1..].IndexOf(text[0]) is >= 0 and var end)
            return text.Slice(1, end).ToString();
        var comment = text.IndexOf(" #");
        return (comment < 0 ? text : text[..comment]).TrimEnd().ToString();
    }
}
