using System.Diagnostics;
using System.IO.Enumeration;

namespace Bindwise.Supervising.Holding;

/// <summary>Watches the files that patterns match. What an editor or a build writes in one go is one change.</summary>
internal sealed class FileWatch(SafeFileDescriptor descriptor) : IDisposable
{
    /// <summary>A change counts once nothing has changed for so long.</summary>
    internal static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private const int MostFolders = 8192;
    private const int MostDepth = 64;
    private readonly Dictionary<int, (GlobPattern Pattern, string[] Names)[]> _watches = [];

    // Whose folder is not where it was and is looked for, and of which of them that is told.
    private readonly List<GlobPattern> _lost = [];
    private readonly HashSet<GlobPattern> _reportedPatterns = [];
    private readonly Queue<string> _problems = [];
    private long _scannedAt;
    private long _first;
    private long _last;
    private string? _changed;
    private bool _hasProblem;

    /// <summary>Can be read when something changed.</summary>
    internal int Number => descriptor.Number;

    /// <summary>What is lacking, one line, told once; null for nothing.</summary>
    internal string? TakeProblem() => _problems.TryDequeue(out var problem) ? problem : null;

    /// <exception cref="SupervisionException">It cannot be watched.</exception>
    internal static FileWatch Open(IEnumerable<string> patterns)
    {
        var errno = InotifyCall.Open(out var descriptor);
        var watch = new FileWatch(descriptor);
        if (errno != Errno.None)
            throw new SupervisionException($"--watch does not work here ({errno}, inotify_init1)");
        foreach (var text in patterns)
        {
            var pattern = new GlobPattern(text, Directory.Exists);
            if (!Directory.Exists(pattern.Folder))
                throw new SupervisionException($"--watch {text}: there is no folder {pattern.Folder}");
            watch.Add(pattern, []);
        }
        return watch.TakeProblem() is { } problem ? throw new SupervisionException(problem) : watch;
    }

    /// <summary>How long until a change that came counts, or a folder that is gone is looked for; null where nothing is due.</summary>
    internal TimeSpan? Due => new[] { ChangeDue, ScanDue }.Min();

    private TimeSpan? ChangeDue =>
        _changed is null ? null : new[] { LeftOf(Quiet, _last), LeftOf(LongestWait, _first) }.Min();

    private TimeSpan? ScanDue => _lost.Count == 0 ? null : LeftOf(Quiet, _scannedAt);

    private static TimeSpan LeftOf(TimeSpan time, long since) =>
        time - Stopwatch.GetElapsedTime(since) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    internal void Read()
    {
        foreach (var change in InotifyCall.Read(descriptor))
        {
            if (change.Watch < 0)
                HandleOverflow();
            else if (_watches.TryGetValue(change.Watch, out var watched))
                Read(change, watched);
        }
        if (ScanDue == TimeSpan.Zero)
            FindLost();
    }

    /// <summary>The path of what changed first, once that counts; then it is forgotten.</summary>
    internal string? Take()
    {
        if (ChangeDue is not { } due || due > TimeSpan.Zero)
            return null;
        var changed = _changed;
        _changed = null;
        return changed;
    }

    public void Dispose() => descriptor.Dispose();

    private void Read(FolderChange change, (GlobPattern Pattern, string[] Names)[] watched)
    {
        if (change.IsEnd)
            _watches.Remove(change.Watch);
        foreach (var (pattern, names) in watched)
        {
            string[] path = [.. names, change.Name];
            if (change.IsEnd || change.IsMoved)
            {
                // Of those below another folder that one tells.
                if (names.Length == 0)
                    Lose(pattern);
            }
            else if (change.Name.Length == 0)
                continue;
            else if (change is { IsFolder: true, IsLeft: true })
                Forget(pattern, path);
            else if (change.IsFolder)
            {
                // A new one may have come with files in it.
                if (pattern.Enters(path) && Add(pattern, path) is { } file)
                    Note(file);
            }
            else if (pattern.Matches(path) && (!change.IsNew || IsLink(PathOf(pattern, path))))
                Note(PathOf(pattern, path));
        }
    }

    // What was lost may have been new folders: they are looked for.
    private void HandleOverflow()
    {
        Note("files");
        Array.ForEach([.. _watches.Values.SelectMany(static all => all.Select(static one => one.Pattern)).Distinct()], Lose);
    }

    private void Lose(GlobPattern pattern)
    {
        Forget(pattern, []);
        if (_lost.Contains(pattern))
            return;
        _lost.Add(pattern);
        _scannedAt = Stopwatch.GetTimestamp();
    }

    // A folder that is moved is still watched, and so is what is below it.
    private void Forget(GlobPattern pattern, string[] path)
    {
        foreach (var (number, watched) in _watches.ToArray())
        {
            var left = Array.FindAll(watched, one => one.Pattern != pattern || !one.Names.AsSpan().StartsWith(path));
            if (left.Length == watched.Length)
                continue;
            _watches[number] = left;
            if (left.Length > 0)
                continue;
            _watches.Remove(number);
            InotifyCall.Remove(descriptor, number);
        }
    }

    private void FindLost()
    {
        _scannedAt = Stopwatch.GetTimestamp();
        foreach (var pattern in _lost.ToArray())
        {
            var found = Add(pattern, []);
            if (_watches.Values.Any(watched => watched.Any(one => one.Pattern == pattern)))
            {
                _lost.Remove(pattern);
                _reportedPatterns.Remove(pattern);
                Note(found ?? pattern.Folder);
            }
            else if (_reportedPatterns.Add(pattern))
                _problems.Enqueue($"--watch: {pattern.Folder} is gone: it is watched again once it is back");
        }
    }

    // Which nobody writes.
    private static bool IsLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget is not null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Note(string changed)
    {
        _last = Stopwatch.GetTimestamp();
        if (_changed is null)
            (_changed, _first) = (changed, _last);
    }

    // One is enough of the limits.
    private void AddProblem(string problem)
    {
        if (!_hasProblem)
            _problems.Enqueue(problem);
        _hasProblem = true;
    }

    // Watches a folder and those below it; the first file that matches.
    private string? Add(GlobPattern pattern, string[] names)
    {
        var folder = PathOf(pattern, names);
        if (names.Length > MostDepth || _watches.Count >= MostFolders)
        {
            AddProblem($"--watch: more than {MostFolders} folders, or {MostDepth} within each other: not all are watched");
            return null;
        }
        var errno = InotifyCall.Add(descriptor, folder, out var number);
        if (errno == Errno.ENOSPC)
            AddProblem($"--watch {folder}: no more watches (fs.inotify.max_user_watches)");
        if (errno != Errno.None)
            return null;
        _watches.TryGetValue(number, out var before);
        if (before?.Any(one => one.Pattern == pattern && one.Names.SequenceEqual(names)) != true)
            _watches[number] = [.. before ?? [], (pattern, names)];
        string? found = null;
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                string[] path = [.. names, entry.Name];
                // A link to a folder is not followed: it may lead in a circle.
                if (entry is DirectoryInfo { LinkTarget: null })
                    found = pattern.Enters(path) ? Add(pattern, path) ?? found : found;
                else if (pattern.Matches(path))
                    found ??= PathOf(pattern, path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is gone, or may not be read.
        }
        return found;
    }

    private static string PathOf(GlobPattern pattern, string[] names)
    {
        var rest = string.Join('/', names);
        return pattern.Folder == "." ? (rest.Length == 0 ? "." : rest)
            : rest.Length == 0 ? pattern.Folder : $"{pattern.Folder.TrimEnd('/')}/{rest}";
    }
}

/// <summary>
/// A pattern of paths: <c>*</c> and <c>?</c> stand for what is within one name, <c>**</c> for any number of folders. A name that begins
/// with a dot is matched only by a pattern that does, as in a shell. A pattern without <c>*</c> and <c>?</c> that is a folder stands for
/// everything below it.
/// </summary>
internal sealed class GlobPattern
{
    private const string AnyFolders = "**";
    private readonly string[] _names;

    /// <param name="pattern">The pattern, absolute or from the working directory.</param>
    internal GlobPattern(string pattern, Predicate<string> isFolder)
    {
        var names = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static name => name != ".").ToList();
        var plain = names.TakeWhile(static name => !IsWild(name)).Count();
        // The last name is the file's own, unless the whole is a folder.
        var whole = (pattern.StartsWith('/') ? "/" : "") + string.Join('/', names);
        if (plain == names.Count && (whole.Length == 0 || isFolder(whole)))
            names.AddRange([AnyFolders, "*"]);
        else if (plain == names.Count)
            plain--;
        else if (names[^1] == AnyFolders)
            names.Add("*");
        Folder = (pattern.StartsWith('/') ? "/" : "") + string.Join('/', names.Take(plain));
        if (Folder.Length == 0)
            Folder = ".";
        _names = [.. names.Skip(plain)];
    }

    /// <summary>Where everything that it can match lies.</summary>
    internal string Folder { get; }

    /// <summary>Whether something below a folder of <see cref="Folder"/> can match.</summary>
    internal bool Enters(ReadOnlySpan<string> names) => Enters(_names, names);

    internal bool Matches(ReadOnlySpan<string> names) => Matches(_names, names);

    private static bool IsWild(string name) => name.Contains('*', StringComparison.Ordinal) || name.Contains('?', StringComparison.Ordinal);

    private static bool Enters(ReadOnlySpan<string> pattern, ReadOnlySpan<string> names)
    {
        if (names.IsEmpty)
            return pattern.Length > 0;
        if (pattern.IsEmpty)
            return false;
        if (pattern[0] == AnyFolders)
            return Enters(pattern[1..], names) || (!IsHidden(names[0]) && Enters(pattern, names[1..]));
        return pattern.Length > 1 && IsName(pattern[0], names[0]) && Enters(pattern[1..], names[1..]);
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> names)
    {
        if (pattern.IsEmpty || names.IsEmpty)
            return pattern.IsEmpty && names.IsEmpty;
        if (pattern[0] == AnyFolders)
            return Matches(pattern[1..], names) || (!IsHidden(names[0]) && Matches(pattern, names[1..]));
        return IsName(pattern[0], names[0]) && Matches(pattern[1..], names[1..]);
    }

    private static bool IsHidden(string name) => name.StartsWith('.');

    private static bool IsName(string pattern, string name) =>
        (!IsHidden(name) || pattern.StartsWith('.'))
            && FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase: false);
}
