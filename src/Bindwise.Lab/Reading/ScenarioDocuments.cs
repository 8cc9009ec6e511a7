using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Reading;

/// <summary>
/// Scenarios of a stream, a file or standard input: one .bind text, or JSON, one document a line, which its first byte tells.
/// </summary>
internal static class ScenarioDocuments
{
    /// <summary>The documents, each as soon as it is read; blank lines between JSON documents are none.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static IEnumerable<ScenarioParse> Read(Stream stream)
    {
        var text = new MemoryStream();
        bool? isJson = null;
        foreach (var line in new StreamLines(stream, ScenarioJson.MaximumBytes).Read())
        {
            var bytes = line.Number == 1 && line.Bytes.Span.StartsWith("\uFEFF"u8) ? line.Bytes[3..] : line.Bytes;
            var content = bytes.Span.Trim(" \t\r"u8);
            if (content.Length > 0)
                isJson ??= content[0] is (byte)'{' or (byte)'[';
            if (isJson is not true)
            {
                text.Write(bytes.Span);
                text.WriteByte((byte)'\n');
                if (!line.IsWhole || text.Length > ScenarioJson.MaximumBytes)
                    break;
            }
            else if (!line.IsWhole)
                yield return Faulty(line.Number, "the document is larger than 32 MiB; split the scenario");
            else if (content.Length > 0)
                yield return ScenarioJson.Parse(content, line.Number);
        }
        if (isJson is not true)
            yield return isJson is null ? Faulty(1, "there is no scenario in it")
                : OfText(Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length)));
    }

    private static ScenarioParse OfText(string text) =>
        ClaimText.IsClaim(text) ? Faulty(1, "this is a claim, not a scenario: play it with bindwise lab prove FILE") : BindText.Parse(text);

    private static ScenarioParse Faulty(int line, string what) => new(null, [new ScenarioFault(what) { Line = line }]) { Line = line };
}
