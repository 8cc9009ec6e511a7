namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// The packages whose files a text names: <c>/app/node_modules/vite/dist/node.js:1:2</c>, <c>site-packages/uvicorn/server.py</c>,
/// <c>/gems/puma-6.4.0/lib/puma/binder.rb</c>; and servers by words that only they print. A server that is run as it is comes from one of
/// them.
/// </summary>
internal static class NamedPackages
{
    private const int MaxFrames = 16;
    private const int MaxNameChars = 100;

    private static readonly string[] Folders = ["node_modules/", "site-packages/", "dist-packages/", "/gems/"];

    private static readonly (string Words, string Package)[] Words =
    [
        ("{^_^}/ hi!", "json-server"),
        ("Some error occurred Error: listen ", "json-server"),
        (" * Serving Flask app", "flask"),
        ("Either identify and stop that program, or start the server with a different port", "flask"),
        ("Puma starting in ", "puma"),
        ("=> Booting Puma", "puma"),
    ];

    /// <summary>Their names without doubles, those of files first, in the order of the text.</summary>
    public static ImmutableArray<string> In(ErrorText text)
    {
        var packages = ImmutableArray.CreateBuilder<string>();
        foreach (var line in text.Lines)
        {
            foreach (var folder in Folders)
            {
                for (var at = line.IndexOf(folder, StringComparison.Ordinal); at >= 0; at = line.IndexOf(folder, at + 1,
                    StringComparison.Ordinal))
                {
                    if (packages.Count < MaxFrames && NameAt(line, at + folder.Length, folder) is { } name && !packages.Contains(name))
                        packages.Add(name);
                }
            }
            if (packages.Count == MaxFrames)
                break;
        }
        foreach (var (words, package) in Words)
        {
            if (!packages.Contains(package) && text.Contains(words))
                packages.Add(package);
        }
        return packages.ToImmutable();
    }

    private static string? NameAt(string line, int start, string folder)
    {
        var end = EndOf(line, start);
        // @scope/name
        if (start < line.Length && line[start] == '@' && end < line.Length && line[end] == '/')
            end = EndOf(line, end + 1);
        if (end == start || end - start > MaxNameChars || end >= line.Length || line[end] is not ('/' or '\\'))
            return null;
        var name = line[start..end];
        // puma-6.4.0; of a folder of gems (3.2.0) the gem's own comes further on.
        var version = folder == "/gems/" ? name.LastIndexOf('-') : -1;
        return version > 0 && version + 1 < name.Length && char.IsAsciiDigit(name[version + 1]) ? name[..version]
            : folder == "/gems/" ? null : name;
    }

    private static int EndOf(string line, int at)
    {
        while (at < line.Length && (char.IsAsciiLetterOrDigit(line[at]) || line[at] is '-' or '_' or '.' or '@'))
            at++;
        return at;
    }
}
