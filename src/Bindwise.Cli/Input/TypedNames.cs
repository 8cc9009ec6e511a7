using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Input;

/// <summary>
/// Abstract UNIX names among the arguments, with the bytes that were typed: .NET turns what is no UTF-8 into U+FFFD, and blanks at the end
/// of a target count for nothing, while a name may have both.
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
