using System.Text.Json;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Containers;

/// <summary>JSON from somebody else: any shape of it gives a value or nothing, and texts are bounded.</summary>
internal static class HostileJson
{
    private const int MaximumText = 256;

    /// <summary>Reads a document and what it means; the default when it is none, or holds what no text can be (half a surrogate pair in a name).</summary>
    internal static T? Read<T>(ReadOnlyMemory<byte> bytes, Func<JsonElement, T?> understand)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            return understand(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>A field of an object; an undefined element when there is no such object or field.</summary>
    internal static JsonElement Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The elements of a list; none of anything else.</summary>
    internal static IEnumerable<JsonElement> Elements(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>The fields of an object; none of anything else.</summary>
    internal static IEnumerable<JsonProperty> Fields(this JsonElement element) => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];

    /// <summary>A text that is not empty, cut where it is longer than any name; null for anything else.</summary>
    internal static string? Text(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            var text = element.GetString();
            return string.IsNullOrEmpty(text) ? null : text.Length <= MaximumText ? text : text[..MaximumText] + "…";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are not UTF-8.
            return null;
        }
    }

    /// <summary>A field's text.</summary>
    internal static string? Text(this JsonElement element, string name) => element.Field(name).Text();

    /// <summary>A port from a number or its text; null for anything else and for 0.</summary>
    internal static ushort? Port(this JsonElement element) =>
        (element.ValueKind == JsonValueKind.Number && element.TryGetUInt16(out var port)) || ushort.TryParse(element.Text(), out port) ? port == 0 ? null : port : null;

    /// <summary>A number from 0 up; null for anything else.</summary>
    internal static int? Count(this JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var count) && count >= 0 ? count : null;

    /// <summary>An address; null for anything else.</summary>
    internal static IpAddress? Address(this JsonElement element) => IpAddress.TryParse(element.Text(), out var address) ? address : null;
}
