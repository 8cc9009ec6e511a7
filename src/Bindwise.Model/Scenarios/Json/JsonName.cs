using System.Text.Json;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Json;

/// <summary>The name of a document that has a fault, so that the answer can still be told from others.</summary>
internal static class JsonName
{
    /// <summary>The name, as far as the document can be read; empty when there is none.</summary>
    public static string Find(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                var isName = reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("name"u8);
                if (isName && reader.Read() && reader.TokenType == JsonTokenType.String)
                    return reader.GetString() is { } name && NameRules.OfScenario(name) is null ? name : "";
            }
        }
        catch (JsonException)
        {
            return "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
        return "";
    }
}
