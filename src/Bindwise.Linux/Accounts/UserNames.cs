using System.Buffers.Text;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Accounts;

/// <summary>
/// User names from /etc/passwd (passwd(5)), read once at the first question. Users that only a directory service knows have no name here:
/// asking one could take seconds, or never end.
/// </summary>
/// <param name="lines">The text of a passwd file; null: /etc/passwd, read when it is first needed.</param>
internal sealed class UserNames(byte[]? lines = null)
{
    private byte[]? _lines = lines;

    /// <summary>The name of the first entry with this user id; null when there is none.</summary>
    internal string? Find(uint uid)
    {
        var text = Text();
        foreach (var range in text.Split((byte)'\n'))
        {
            if (TryParse(text[range], out var name, out var id) && id == uid)
                return KernelText.Decode(name);
        }
        return null;
    }

    /// <summary>The user id of the first entry with this name; null when there is none.</summary>
    internal uint? FindId(string wanted)
    {
        var text = Text();
        foreach (var range in text.Split((byte)'\n'))
        {
            if (TryParse(text[range], out var name, out var id) && KernelText.Decode(name) == wanted)
                return id;
        }
        return null;
    }

    private ReadOnlySpan<byte> Text() => _lines ??= ConfigurationFile.Read("/etc/passwd\0"u8);

    /// <summary><c>name:password:uid:…</c>; anything else is passed over.</summary>
    private static bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out uint uid)
    {
        name = default;
        uid = 0;
        var first = line.IndexOf((byte)':');
        if (first <= 0)
            return false;
        name = line[..first];
        var rest = line[(first + 1)..];
        var second = rest.IndexOf((byte)':');
        if (second < 0)
            return false;
        rest = rest[(second + 1)..];
        return Utf8Parser.TryParse(rest, out uid, out var used) && used > 0 && used < rest.Length && rest[used] == (byte)':';
    }
}

/// <summary>A user's home folder by passwd(5). Users that only a directory service knows have none here.</summary>
internal static class HomeFolder
{
    /// <summary>The folder, absolute and without a slash at its end; null for none.</summary>
    internal static string? Of(string root, uint uid)
    {
        _ = ProcFile.ReadAll(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(root + "/etc/passwd\0"), ConfigurationFile.MaximumBytes,
            out var bytes);
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var fields = KernelText.Decode(bytes[range]).Split(':');
            if (fields.Length >= 7 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id == uid)
                return fields[5] is ['/', _, ..] home ? home.TrimEnd('/') : null;
        }
        return null;
    }
}
