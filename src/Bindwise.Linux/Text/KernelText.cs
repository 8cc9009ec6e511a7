using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Bindwise.Linux.Text;

/// <summary>
/// Bytes that a process or the kernel chose, as text: UTF-8 where it is, <c>\xNN</c> for each byte that is not.
/// Nothing else is changed: escaping for a terminal is the renderer's.
/// </summary>
internal static class KernelText
{
    /// <summary>Decodes bytes; the result holds no U+FFFD that was not there.</summary>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else
                for (var i = 0; i < used; i++)
                    text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[i]:x2}");
            bytes = bytes[used..];
        }
        return text.ToString();
    }
}
