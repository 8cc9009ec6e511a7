using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Bindwise.Linux.Processes;

/// <summary>Bytes that a stranger chose, as text that loses nothing.</summary>
internal static class Utf8Text
{
    /// <summary>
    /// Decodes UTF-8. A byte that belongs to no character stands as <c>\xNN</c>, never as U+FFFD, so that different names stay
    /// different on screen. Control characters and backslashes stay as they are: renderers escape.
    /// </summary>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);

        var text = new StringBuilder(bytes.Length + 16);
        Span<char> units = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(units[..rune.EncodeToUtf16(units)]);
            }
            else
            {
                foreach (var invalid in bytes[..consumed])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{invalid:x2}");
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }
}
