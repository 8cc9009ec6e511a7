using System.Text.Json;

namespace Bindwise.Model.Text;

/// <summary>What can be said of the bytes of a JSON document before it is understood.</summary>
internal static class JsonBytes
{
    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    /// <summary>The document without the byte order mark before it.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith(Mark) ? utf8[Mark.Length..] : utf8;

    /// <summary>The bytes, without a mark, are one document, whatever it says.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> utf8) => ReadsToTheEnd(utf8, isFinalBlock: true);

    /// <summary>The bytes, of which it is known that they are no document, are the beginning of one.</summary>
    public static bool IsCutOff(ReadOnlySpan<byte> utf8) => ReadsToTheEnd(utf8, isFinalBlock: false);

    // Read as the beginning of something longer, a document that was cut off has no fault.
    private static bool ReadsToTheEnd(ReadOnlySpan<byte> utf8, bool isFinalBlock)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock, state: default);
        try
        {
            while (reader.Read())
                continue;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
