using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Explaining;

/// <summary>Where the site has what is shown here, as paths below its base.</summary>
internal static class SiteAddress
{
    /// <summary>The longest scenario, in bytes, that an address holds: browsers and shells take no longer ones.</summary>
    public const int MostScenarioBytes = 64 * 1024;

    private const string Player = "play/index.html";
    private const int Version = 1;

    /// <summary>The page of a rule; null for a rule that has none, as those of other systems.</summary>
    public static string? OfRule(string id) => RuleBook.All.Any(rule => rule.Id.Value == id) ? $"rules/{id}.html" : null;

    public static string Of(SubjectPage page) => page.Path["docs/".Length..^".md".Length] + ".html";

    /// <summary>The player with a scenario: its fragment is JSON, as base64url (docs/play.md).</summary>
    /// <param name="text">The scenario, at most <see cref="MostScenarioBytes"/> long.</param>
    public static string OfScenario(string text)
    {
        var state = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(state))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteText("text", text);
            json.WriteEndObject();
        }
        return $"{Player}#{Encoding.ASCII.GetString(Base64Url.EncodeToUtf8(state.WrittenSpan))}";
    }
}
