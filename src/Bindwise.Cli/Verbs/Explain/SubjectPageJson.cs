using System.Buffers;
using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>A page as one line of JSON: what <c>explain --json</c> prints.</summary>
public static class SubjectPageJson
{
    /// <summary>Writes it, without a newline.</summary>
    public static void Write(IBufferWriter<byte> output, SubjectPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("schema", "bindwise.page/1");
        json.WriteText("id", page.Id);
        json.WriteText("kind", page.Kind switch { PageKind.Term => "term", PageKind.Cause => "cause", _ => "rule" });
        json.WriteText("title", page.Title);
        json.WriteText("summary", page.Summary);
        json.WriteTexts("also", page.Also);
        json.WriteTexts("claims", page.Claims);
        json.WriteTexts("scenarios", page.Scenarios);
        json.WriteText("page", page.Path);
        json.WriteText("markdown", page.Markdown);
        json.WriteEndObject();
    }
}
