using System.Buffers;

namespace Bindwise.Model.Addresses;

/// <summary>
/// An abstract UNIX name (unix(7)) as text: <c>@</c> and the bytes after the leading NUL. Any byte may stand in one, so what is no
/// printable UTF-8, and every blank, stands as <c>\xNN</c>, and a backslash as <c>\\</c>: one line, which a shell and bindwise read back as
/// these bytes.
/// </summary>
internal static class AbstractName
{
    /// <summary>The longest name in bytes: sun_path less the leading NUL.</summary>
    public const int MaximumBytes = 107;

    private const string Hexadecimal = "0123456789abcdef";

    public static string Spell(ReadOnlySpan<byte> name) => Spell(name, keepsBackslash: false);

    /// <summary>What somebody typed, byte by byte: escapes in it stay, and what has to be escaped becomes so.</summary>
    /// <param name="typed">The argument after <c>@</c>.</param>
    public static string FromTyped(ReadOnlySpan<byte> typed) => Spell(typed, keepsBackslash: true);

    /// <summary>The bytes after the leading NUL. A backslash that begins no escape stands for itself.</summary>
    /// <param name="text"><c>@</c> and the name.</param>
    public static byte[] Read(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.StartsWith('@') ? text[1..] : text);
        var name = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\\')
                name.Add(bytes[i]);
            else if (i + 1 < bytes.Length && bytes[i + 1] == '\\')
                name.Add(bytes[++i]);
            else if (i + 3 < bytes.Length && bytes[i + 1] == 'x' && char.IsAsciiHexDigit((char)bytes[i + 2])
                && char.IsAsciiHexDigit((char)bytes[i + 3]))
            {
                name.Add((byte)((Digit(bytes[i + 2]) << 4) | Digit(bytes[i + 3])));
                i += 3;
            }
            else
                name.Add(bytes[i]);
        }
        return [.. name];
    }

    private static string Spell(ReadOnlySpan<byte> name, bool keepsBackslash)
    {
        var text = new StringBuilder("@", name.Length + 1);
        while (!name.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(name, out var rune, out var used) == OperationStatus.Done;
            if (isRune && rune.Value == '\\' && !keepsBackslash)
                text.Append("\\\\");
            else if (isRune && IsPlain(rune))
                text.Append(rune.ToString());
            else
            {
                foreach (var value in name[..used])
                    text.Append("\\x").Append(Hexadecimal[value >> 4]).Append(Hexadecimal[value & 0xf]);
            }
            name = name[used..];
        }
        return text.ToString();
    }

    /// <summary>It can be seen, ends no line and no word, and changes nothing around it.</summary>
    private static bool IsPlain(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);

    private static int Digit(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
