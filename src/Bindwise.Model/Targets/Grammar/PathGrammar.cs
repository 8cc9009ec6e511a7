using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Grammar;

/// <summary>
/// UNIX sockets: a path that begins with <c>/</c>, <c>./</c> or <c>../</c>, <c>unix:</c> and a path, or <c>@</c> and an abstract name.
/// </summary>
internal static class PathGrammar
{
    private const string UnixPrefix = "unix:";

    /// <summary>Size of sun_path (unix(7)); Linux takes a path that fills it without a closing NUL.</summary>
    private const int MaxPathBytes = 108;

    public static bool Starts(string text) =>
        text.StartsWith('/') || text.StartsWith('@')
        || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal)
        || text.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>It ends as the files of UNIX sockets do, which as a host nobody's name does.</summary>
    public static bool IsNamedAsSocket(string text) => text.EndsWith(".sock", StringComparison.Ordinal);

    /// <summary>A path or an abstract name as it is typed: one that <see cref="Parse"/> would not read as that gets ./ before it.</summary>
    public static string Spell(string path) =>
        Starts(path) && !path.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase) ? path : "./" + path;

    /// <param name="offset">Where it stands in what the user typed.</param>
    public static ParseResult<Target> Parse(string text, int offset)
    {
        var path = text;
        if (path.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            path = path[UnixPrefix.Length..];
            if (path.StartsWith("//", StringComparison.Ordinal))
                path = path[2..];
        }
        return FromPath(path, text, offset);
    }

    /// <summary>Makes the target of a path or an abstract name, or says why there is none.</summary>
    /// <param name="path">The path, or <c>@</c> and the name.</param>
    /// <param name="offset">Where it stands in what the user typed.</param>
    public static ParseResult<Target> FromPath(string path, string text, int offset)
    {
        if (path is "" or "@")
            return Fault.At(offset,
                $"{Fault.Quote(text)} names no socket; write a path such as /run/app.sock, or an abstract name such as @app");
        if (path.Contains('\uFFFD', StringComparison.Ordinal) && path.StartsWith('@'))
            return Fault.At(offset, $"{Fault.Quote(text)} holds bytes that are not UTF-8; write each of them as \\xNN, as in '@app\\xff'");
        if (path.StartsWith('@'))
            return FromAbstract(path, text, offset);
        if (path.Contains('\0', StringComparison.Ordinal))
            return Fault.At(offset, "a path holds no NUL; for an abstract socket write @ in its place, as in @app");
        if (path.Contains('\uFFFD', StringComparison.Ordinal))
            return Fault.At(offset,
                $"{Fault.Quote(text)} holds bytes that are not UTF-8, which this program cannot ask about; rename the file, or ask for a "
                    + "link to it");
        return IsTooLong(path)
            ? Fault.At(offset, $"the path of a UNIX socket has at most {MaxPathBytes} bytes (unix(7)), this one has "
                + $"{Encoding.UTF8.GetByteCount(path)}; give a shorter one, relative if need be")
            : new(new Target { Text = text, Protocol = Protocol.Unix, Path = path });
    }

    /// <summary>No socket can have it: most programs get EINVAL for it.</summary>
    public static bool IsTooLong(string path) => Encoding.UTF8.GetByteCount(path) > MaxPathBytes;

    private static ParseResult<Target> FromAbstract(string path, string text, int offset)
    {
        ReadOnlySpan<byte> name = AbstractName.Read(path);
        // One that fills sun_path was padded by a program that passes the whole address: people know it without the padding.
        if (name.Length == AbstractName.MaximumBytes)
            name = name.TrimEnd((byte)0);
        return name.Length > AbstractName.MaximumBytes
            ? Fault.At(offset, $"an abstract UNIX name has at most {AbstractName.MaximumBytes} bytes (unix(7)), this one has "
                + $"{name.Length}; give a shorter one")
            : new(new Target { Text = text, Protocol = Protocol.Unix, Path = AbstractName.Spell(name) });
    }
}
