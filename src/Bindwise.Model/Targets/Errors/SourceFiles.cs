namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// The program's own files in stack traces: <c>File "/app/server.py", line 3</c>,
/// <c>(/app/server.js:5:3)</c>, <c>in /src/Program.cs:line 3</c>,
/// <c>/app/config.ru:3:in</c>. Files of runtimes and packages tell nothing about the program.
/// </summary>
internal static class SourceFiles
{
    private const int MaxFiles = 8;
    private const int MaxPathChars = 512;

    private static readonly string[] Ends =
        [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".cs", ".fs", ".vb", ".rb", ".ru", ".php", ".go", ".rs", ".pl", ".lua",
            ".exs", ".ex"];

    /// <summary>Loggers print these without their folders: such a name tells nothing.</summary>
    private static readonly string[] EndsOfCompiled = [".cs", ".fs", ".vb", ".go", ".rs"];

    /// <summary>Node.js's own, as its old versions print them.</summary>
    private static readonly HashSet<string> NodeInternals =
        ["events.js", "net.js", "dgram.js", "module.js", "timers.js", "node.js", "bootstrap_node.js", "child_process.js", "cluster.js"];

    private static readonly string[] Foreign =
    [
        "node:", "site-packages/", "dist-packages/", "node_modules/", "/usr/lib/", "/usr/local/lib/", "/usr/share/", "/usr/local/go/",
        "/usr/lib64/",
        "/go/pkg/mod/", "/gems/", "/.cargo/", "/rustc/", "/_/src/", "/lib/python3", "/lib/python2", "/lib/ruby/", "/nix/store/", "/vendor/",
        "<frozen",
        "internal/modules/", "/.pyenv/", "/.rbenv/", "/.nvm/", "/deps/",
    ];

    /// <summary>The paths, in the order of the text, without doubles.</summary>
    public static ImmutableArray<string> In(ErrorText text)
    {
        var files = ImmutableArray.CreateBuilder<string>();
        foreach (var line in text.Lines)
        {
            for (var dot = line.IndexOf('.', StringComparison.Ordinal); dot >= 0
                && files.Count < MaxFiles; dot = line.IndexOf('.', dot + 1))
            {
                if (PathEndingAt(line, dot) is { } path && !files.Contains(path))
                    files.Add(path);
            }
            if (files.Count == MaxFiles)
                break;
        }
        return files.ToImmutable();
    }

    private static string? PathEndingAt(string line, int dot)
    {
        foreach (var ending in Ends)
        {
            var end = dot + ending.Length;
            if (string.CompareOrdinal(line, dot, ending, 0, ending.Length) != 0 || !IsFollowedByLine(line, end))
                continue;
            var start = dot;
            // Python quotes its paths: they may hold blanks.
            var quote = end < line.Length && line[end] == '"' ? line.LastIndexOf('"', dot, Math.Min(dot + 1, MaxPathChars)) : -1;
            if (quote >= 0)
                start = quote + 1;
            while (quote < 0 && start > 0 && dot - start < MaxPathChars
                && line[start - 1] is not (' ' or '"' or '\'' or '`' or '(' or '[' or '<' or '=' or ','))
                start--;
            var path = line[start..end];
            if (path.StartsWith("file://", StringComparison.Ordinal))
                path = path["file://".Length..];
            return path.Length > ending.Length && IsOwn(path, ending) ? path : null;
        }
        return null;
    }

    private static bool IsOwn(string path, string ending) =>
        !Foreign.Any(part => path.Contains(part, StringComparison.Ordinal)) && !NodeInternals.Contains(path)
        && !path.StartsWith("internal/", StringComparison.Ordinal) && (path.StartsWith('/') || !EndsOfCompiled.Contains(ending));

    /// <summary>
    /// A line number after it makes it a frame of a stack: <c>:3</c>, <c>:line 3</c>, <c>", line 3</c>, <c> on line 3</c>.
    /// </summary>
    private static bool IsFollowedByLine(string line, int end)
    {
        var rest = line.AsSpan(end);
        return (rest.Length > 1 && rest[0] == ':' && char.IsAsciiDigit(rest[1]))
            || rest.StartsWith(":line ", StringComparison.Ordinal)
            || rest.StartsWith("\", line ", StringComparison.Ordinal)
            || rest.StartsWith(" on line ", StringComparison.Ordinal);
    }
}
