using System.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Input;

/// <summary>
/// Abstract UNIX names among the arguments, with the bytes that were typed: .NET turns what is no UTF-8 into U+FFFD, and blanks at the end of a
/// target count for nothing, while a name may have both.
/// </summary>
internal static class TypedNames
{
    private static readonly string[] Prefixes = ["@", "unix:@", "unix://@"];

    /// <summary>The arguments, with names in the form that <see cref="AbstractName.Read"/> reads; all others as they were.</summary>
    public static string[] Escape(string[] arguments)
    {
        byte[][]? raw = null;
        var escaped = arguments;
        for (var i = 0; i < arguments.Length; i++)
        {
            var prefix = Array.Find(Prefixes, known => arguments[i].StartsWith(known, StringComparison.OrdinalIgnoreCase));
            if (prefix is null || TargetParser.Parse(arguments[i]) is { Value.Pasted: not null })
                continue;
            if (arguments[i].Contains('\uFFFD', StringComparison.Ordinal))
                raw ??= RawArguments.Read(arguments.Length);
            var bytes = raw is null ? Encoding.UTF8.GetBytes(arguments[i]) : raw[i];
            if (bytes.Length < prefix.Length)
                continue;
            if (ReferenceEquals(escaped, arguments))
                escaped = [.. arguments];
            escaped[i] = AbstractName.FromTyped(bytes.AsSpan(prefix.Length));
        }
        return escaped;
    }
}

/// <summary>The command line as it was typed, byte by byte: .NET turns what is no UTF-8 into U+FFFD.</summary>
internal static class RawArguments
{
    private const string CommandLine = "/proc/self/cmdline";
    private const int LimitBytes = 4 * 1024 * 1024;

    /// <summary>The last arguments of this process; null where the system does not tell.</summary>
    public static byte[][]? Read(int count)
    {
        try
        {
            using var file = File.OpenRead(CommandLine);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int length;
            while ((length = file.Read(buffer)) > 0 && content.Length < LimitBytes)
                content.Write(buffer, 0, length);
            var words = new List<byte[]>();
            var rest = content.ToArray().AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf((byte)0);
                words.Add((end < 0 ? rest : rest[..end]).ToArray());
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
            return words.Count < count ? null : [.. words.TakeLast(count)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
