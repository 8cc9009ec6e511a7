using Bindwise.Linux.Files;
using Bindwise.Planning;
using Bindwise.Planning.Formats.Systemd;
using Bindwise.Planning.Reading;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// The files that a plan reads. Every text is bounded; nothing but regular files is opened; what leads out of the folders in question, by a
/// path in a file or by a symbolic link, is not read unless it was named.
/// </summary>
internal sealed class PlanFolder : IPlanFiles
{
    public const int MostBytes = 1024 * 1024;
    private const int MostDepth = 8;
    private const int MostEntries = 50_000;
    private const int MostFiles = 1000;
    private const int MostNames = 2000;

    /// <summary>As the kernel's own limit (MAXSYMLINKS).</summary>
    private const int MostLinks = 40;

    // What others wrote, or a build made; hidden folders are left out as well.
    private static readonly HashSet<string> LeftOut = new(StringComparer.OrdinalIgnoreCase)
    {
        "node_modules", "bower_components", "vendor", "bin", "obj", "dist", "build", "target", "out", "venv", "__pycache__", "artifacts",
        "coverage",
    };

    private static readonly EnumerationOptions Plainly =
        new() { IgnoreInaccessible = false, AttributesToSkip = 0, RecurseSubdirectories = false };
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // With their texts, once read.
    private readonly Dictionary<string, PlanFileText?> _named = new(StringComparer.Ordinal);
    private readonly List<string> _roots = [];
    private string? _input;
    private int _entries;

    public const string InputName = "(standard input)";

    /// <summary>Folders that could not be listed, and why; whether somebody named them.</summary>
    public List<(string Folder, string Fault, bool IsNamed)> Unlisted { get; } = [];

    /// <summary>More files or folders were there than are looked at.</summary>
    public bool IsCut { get; private set; }

    public PlanFile AddInput(string text, string format)
    {
        _input = text;
        AddRoot(".");
        return new PlanFile(InputName, format, IsNamed: true);
    }

    public PlanFile AddFile(string path, string? format)
    {
        var plain = Plain(path);
        _named.TryAdd(plain, null);
        // What it names may lie beside it, or beside its unit, and anywhere in the folder from which it is checked.
        var full = Path.GetFullPath(path);
        AddRoot(Path.GetDirectoryName(UnitText.UnitOf(full)) ?? "/");
        if (Relative(full) != full)
            AddRoot(".");
        return new PlanFile(plain, format, IsNamed: true);
    }

    /// <summary>The files of a folder, and of those in it, that may name ports; in order.</summary>
    public List<PlanFile> AddFolder(string path)
    {
        AddRoot(path);
        var found = new List<PlanFile>();
        var links = new HashSet<string>(StringComparer.Ordinal);
        Walk(Plain(path), 0, found, links);
        if (links.Count == 0)
            return found;
        // A link to a file that is found as well is no second one.
        var files = found.Where(file => !links.Contains(file.Path)).Select(RealPathOf).ToHashSet();
        found.RemoveAll(file => links.Contains(file.Path) && files.Contains(RealPathOf(file)));
        return found;

        static string? RealPathOf(PlanFile file) => RealPath(Path.GetFullPath(file.Path));
    }

    public PlanFileText Read(string path)
    {
        if (path == InputName)
            return new PlanFileText(_input, null);
        // So systemd masks a unit or a drop-in: it is as if it were empty.
        if (LinkOf(path) == "/dev/null")
            return new PlanFileText("", null);
        if (_named.TryGetValue(path, out var known))
            return known ?? Remember(path, ReadFile(path, followsLinks: true));
        // A file may name any other, and what is told of that one may end up in a log that many read. Its path has no link left: one that
        // is put there now is not followed.
        return RealPath(Path.GetFullPath(path)) is not { } target ? new PlanFileText(null, "its symbolic links lead in a circle")
            : _roots.Any(root => target.StartsWith(root == "/" ? root : root + "/", StringComparison.Ordinal))
                ? ReadFile(target, followsLinks: false)
                : new PlanFileText(null, "it leads out of the folder") { IsOutside = true };
    }

    private PlanFileText Remember(string path, PlanFileText text)
    {
        _named[path] = text;
        return text;
    }

    private static PlanFileText ReadFile(string path, bool followsLinks)
    {
        var bytes = OperatingSystem.IsLinux() ? RegularFile.Read(path, MostBytes, followsLinks, out var fault)
            : ReadPlainly(path, out fault);
        return bytes is null ? new PlanFileText(null, fault) : Decode(bytes);
    }

    internal static PlanFileText Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new PlanFileText(Strict.GetString(WithoutMark(bytes)), null);
        }
        catch (DecoderFallbackException)
        {
            return new PlanFileText(null, "it is not UTF-8");
        }
    }

    public ImmutableArray<string> List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder.Length == 0 ? "." : folder, "*", Plainly).Take(MostNames)
                .Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    public string Relative(string path)
    {
        var here = Path.GetFullPath(".").TrimEnd('/') + "/";
        return path.StartsWith(here, StringComparison.Ordinal) ? path[here.Length..] : path;
    }

    private void Walk(string folder, int depth, List<PlanFile> found, HashSet<string> links)
    {
        IEnumerable<FileSystemInfo> entries;
        try
        {
            entries = [.. new DirectoryInfo(folder.Length == 0 ? "." : folder).EnumerateFileSystemInfos("*", Plainly)
                .Take(MostEntries - _entries + 1)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Unlisted.Add((folder.Length == 0 ? "this folder" : folder, SystemFault.Describe(exception), depth == 0));
            return;
        }
        foreach (var entry in entries.OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            if (++_entries > MostEntries || found.Count >= MostFiles)
            {
                IsCut = true;
                return;
            }
            var path = folder.Length == 0 ? entry.Name : folder == "/" ? "/" + entry.Name : $"{folder}/{entry.Name}";
            var isFolder = entry.Attributes.HasFlag(FileAttributes.Directory);
            // What is no text in the name has become this, by which nothing is found.
            if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !entry.Exists)
            {
                if (isFolder || (PlanFormats.OfPath(path) ?? PlanFormats.LikelyOf(path)) is not null)
                    Unlisted.Add((path, "its name is not UTF-8", false));
            }
            else if (!isFolder)
            {
                if ((PlanFormats.OfPath(path) ?? PlanFormats.LikelyOf(path)) is null)
                    continue;
                found.Add(new PlanFile(path));
                if (entry.LinkTarget is not null)
                    links.Add(path);
            }
            else if (depth < MostDepth && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint)
                && (entry.Name is ".devcontainer" || (!entry.Name.StartsWith('.') && !LeftOut.Contains(entry.Name))))
                Walk(path, depth + 1, found, links);
        }
    }

    private void AddRoot(string folder)
    {
        if (RealPath(Path.GetFullPath(folder)) is { } root && !_roots.Contains(root))
            _roots.Add(root);
    }

    /// <summary>A path without symbolic links, as far as it exists; null where there are too many.</summary>
    private static string? RealPath(string full)
    {
        var rest = new Stack<string>(full.Split('/', StringSplitOptions.RemoveEmptyEntries).AsEnumerable().Reverse());
        var real = "";
        var links = 0;
        while (rest.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                real = part == "." ? real : real[..Math.Max(0, real.LastIndexOf('/'))];
                continue;
            }
            var next = $"{real}/{part}";
            if (LinkOf(next) is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MostLinks)
                return null;
            real = target.StartsWith('/') ? "" : real;
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).AsEnumerable().Reverse())
                rest.Push(piece);
        }
        return real.Length == 0 ? "/" : real;
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? ReadPlainly(string path, out string? fault)
    {
        fault = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (stream.Length > MostBytes)
            {
                fault = $"it is larger than {MostBytes / 1024} KiB";
                return null;
            }
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (SystemFault.IsOne(exception))
        {
            fault = exception is FileNotFoundException ? null : SystemFault.Describe(exception);
            return null;
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;

    // "./a", "a/", "a//b": as the parts of paths are put together later.
    private static string Plain(string path)
    {
        var parts = path.Replace(Path.DirectorySeparatorChar, '/').Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Where(static part => part != ".");
        return (path.StartsWith('/') ? "/" : "") + string.Join('/', parts);
    }
}
