using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.CommandLine;

/// <summary>What the texts on the command line name.</summary>
internal static class TypedTargets
{
    /// <summary>Reads one text after the other, each when it is asked for: one target, or each of those in a pasted error.</summary>
    /// <param name="texts">The texts, or the words of one; <c>-</c> stands for one on standard input.</param>
    public static IEnumerable<TypedTarget> Read(IReadOnlyList<string> texts, bool isFollowing)
    {
        texts = PastedText.Gather(texts);
        for (var index = 0; index < texts.Count; index++)
        {
            var given = texts[index] == "-" ? PastedInput.Read() : new ParseResult<string>(texts[index]);
            foreach (var target in TypedTarget.AllOf(given, index, isFollowing))
                yield return target;
        }
    }
}

/// <summary>An error text on standard input.</summary>
internal static class PastedInput
{
    public static ParseResult<string> Read()
    {
        try
        {
            using var input = InputStream.Open();
            return Read(input);
        }
        catch (IOException exception)
        {
            return new ParseResult<string>(null, $"cannot read standard input: {SystemFault.Describe(exception)}");
        }
    }

    /// <summary>Reads a stream to its end, or to one that no pasted error has.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static ParseResult<string> Read(Stream input)
    {
        using var content = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; content.Length <= PastedText.MaximumBytes && (read = input.Read(chunk, 0, chunk.Length)) > 0;)
            content.Write(chunk, 0, read);
        return PastedText.Read(content.GetBuffer().AsSpan(0, (int)content.Length));
    }
}

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
