using System.Buffers;
using System.Text.Unicode;

namespace Bindwise.Linux.Processes.StartedFrom;

/// <summary>
/// The nearest folder at or above a process's working directory that holds a project. Only names are looked at, and of git's files HEAD, on
/// file systems of this machine: one of the network that does not answer would hold up everything.
/// </summary>
/// <param name="root">Where the host's files are: empty for this host.</param>
/// <param name="sharesMounts">Whether a process has this one's mounts, where that is known already.</param>
internal sealed class ProjectFolders(string root, Func<int, bool?>? sharesMounts = null)
{
    private const int MaximumDepth = 32;
    private const int BufferBytes = 32 * 1024;

    /// <summary>A folder with more entries is passed over after this many: no project's.</summary>
    private const int MaximumReads = 16;

    private static readonly string[] Markers =
    [
        "package.json", "go.mod", "Cargo.toml", "pyproject.toml", "setup.py", "Pipfile", "requirements.txt", "manage.py", "pom.xml",
        "build.gradle",
        "build.gradle.kts", "Gemfile", "composer.json", "mix.exs", "deno.json", "build.sbt", "compose.yaml", "compose.yml",
        "docker-compose.yml",
        "docker-compose.yaml", "Procfile", ".git", ".hg",
    ];

    private static readonly string[] Endings = [".csproj", ".fsproj", ".vbproj", ".sln", ".slnx"];

    // Workers that are all alike share theirs.
    private readonly Dictionary<string, string?> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _branches = new(StringComparer.Ordinal);
    private MountTable? _mounts;
    private byte[]? _ownMounts;

    /// <summary>The folder; null for none, and where it may not be looked for.</summary>
    internal string? Of(ProcessRecord process)
    {
        // In a container the path means another folder than the same path here.
        if (process.WorkingDirectory is not { } folder || process.Container is not null || folder.Length < 2 || folder[0] != '/'
            || folder.Contains('\0', StringComparison.Ordinal))
            return null;
        if (!(sharesMounts?.Invoke(process.Id) ?? SharesMounts(process.Id)))
            return null;
        if (_found.TryGetValue(folder, out var known))
            return known;
        using var access = ForeignAccess.ToPath(folder);
        if (!access.IsAllowed)
            return null;
        var found = Search(folder);
        _found.Add(folder, found);
        return found;
    }

    /// <summary>The branch of the git working tree in which a project lies; null for none.</summary>
    internal string? BranchOf(string project)
    {
        if (_branches.TryGetValue(project, out var known))
            return known;
        using var access = ForeignAccess.ToPath(project);
        if (!access.IsAllowed)
            return null;
        string? branch = null;
        var folder = project;
        for (var depth = 0; depth < MaximumDepth && folder.Length > 1 && IsLocal(folder); depth++)
        {
            if (GitBranch.TryRead(folder, IsLocal, out branch))
                break;
            var slash = folder.LastIndexOf('/');
            folder = slash <= 0 ? "/" : folder[..slash];
        }
        _branches.Add(project, branch);
        return branch;
    }

    // On the way up the path may leave a local file system for one of the network.
    private string? Search(string folder)
    {
        for (var depth = 0; depth < MaximumDepth && folder.Length > 1 && IsLocal(folder); depth++)
        {
            if (HoldsProject(folder))
                return folder;
            var slash = folder.LastIndexOf('/');
            folder = slash <= 0 ? "/" : folder[..slash];
        }
        return null;
    }

    private bool IsLocal(string folder) => (_mounts ??= MountTable.OfCaller(root)).IsLocal(folder);

    // In another mount namespace the path may mean another folder; nothing of the folder itself is touched to find out.
    private bool SharesMounts(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        Span<byte> its = stackalloc byte[64];
        return access.IsAllowed && ReadLinkAt.Read(OpenAt.WorkingDirectory,
            Terminated.Of(string.Create(CultureInfo.InvariantCulture, $"{root}/proc/{pid}/ns/mnt")), its, out var itsLength) == Errno.None
            && its[..itsLength].SequenceEqual(_ownMounts ??= ReadOwnMounts());
    }

    private byte[] ReadOwnMounts()
    {
        Span<byte> ours = stackalloc byte[64];
        return ReadLinkAt.Read(OpenAt.WorkingDirectory, Terminated.Of(root + "/proc/self/ns/mnt"), ours, out var length) == Errno.None
            ? ours[..length].ToArray() : [];
    }

    private static bool HoldsProject(string folder)
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, Terminated.Of(folder + "/"), out var descriptor) != Errno.None)
            return false;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            // In /tmp and the like anybody may put a marker; and they are large.
            if (StatX.OfDescriptor(descriptor, out var status) != Errno.None
                || (status.Mode & FileStatus.SharedByEverybody) == FileStatus.SharedByEverybody)
                return false;
            for (var read = 0; read < MaximumReads && GetDents.Read(descriptor, buffer, out var length) == Errno.None && length > 0; read++)
            {
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (entries.TryNext(out var name))
                {
                    if (IsMarker(name[..^1]))
                        return true;
                }
            }
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            CloseDescriptor.Close(descriptor);
        }
    }

    private static bool IsMarker(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 255)
            return false;
        Span<char> buffer = stackalloc char[256];
        if (!Encoding.UTF8.TryGetChars(bytes, buffer, out var length))
            return false;
        ReadOnlySpan<char> name = buffer[..length];
        foreach (var marker in Markers)
        {
            if (name.SequenceEqual(marker))
                return true;
        }
        foreach (var ending in Endings)
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}

/// <summary>
/// What HEAD of a git working tree says (gitrepository-layout(5)). Whoever owns the folder chose what stands there: only regular files are
/// read, no symbolic link on the way is followed, and nothing but a name that git itself would take is kept (git-check-ref-format(1)).
/// </summary>
internal static class GitBranch
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    private const int HeadBytes = 512;
    private const int LinkBytes = 4096;
    private const int MaximumName = 200;
    private const int ShortHashDigits = 7;

    /// <param name="folder">The folder that may hold <c>.git</c>.</param>
    /// <param name="isLocal">Whether a folder lies on a file system of this machine, which always answers.</param>
    /// <param name="branch">The branch, or the beginning of the commit's hash; null where neither can be told.</param>
    /// <returns>False when there is no <c>.git</c>.</returns>
    internal static bool TryRead(string folder, Func<string, bool> isLocal, out string? branch)
    {
        branch = null;
        if (StatX.OfLink(OpenAt.WorkingDirectory, Terminated.Of(folder + "/.git"), out var status) != Errno.None)
            return false;
        var repository = status.Kind switch
        {
            FileStatus.KindDirectory => folder + "/.git",
            // A worktree (git-worktree(1)), or a submodule.
            FileStatus.KindFile => Linked(folder),
            _ => null,
        };
        if (repository is not null && isLocal(repository)
            && PlainFile.Read(Terminated.Of(repository + "/HEAD"), HeadBytes, out var head) == Errno.None)
            branch = Understand(head);
        return true;
    }

    /// <summary>The branch that the content of HEAD names, or the beginning of its hash; null for anything else.</summary>
    internal static string? Understand(ReadOnlySpan<byte> head)
    {
        var line = head.TrimEnd("\r\n "u8);
        if (line.StartsWith("ref: refs/heads/"u8))
            return NameOf(line["ref: refs/heads/".Length..]);
        // SHA-1 or SHA-256.
        return line.Length is 40 or 64 && !line.ContainsAnyExcept(HexDigits) ? Encoding.ASCII.GetString(line[..ShortHashDigits]) : null;
    }

    // "gitdir: PATH"
    private static string? Linked(string folder)
    {
        if (PlainFile.Read(Terminated.Of(folder + "/.git"), LinkBytes, out var bytes) != Errno.None || !bytes.StartsWith("gitdir: "u8))
            return null;
        var path = TextOf(bytes["gitdir: ".Length..].TrimEnd("\r\n"u8));
        return path is null or "" || path.Any(char.IsControl) ? null : Path.GetFullPath(path, folder);
    }

    private static string? NameOf(ReadOnlySpan<byte> bytes)
    {
        var name = TextOf(bytes);
        var isName = name is { Length: > 0 and <= MaximumName } && name[0] is not ('.' or '/' or '-') && name[^1] is not ('.' or '/')
            && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("//", StringComparison.Ordinal)
            && !name.Any(static c => c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\' || char.IsControl(c));
        return isName ? name : null;
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        Span<char> room = stackalloc char[LinkBytes];
        return bytes.Length <= LinkBytes && !bytes.Contains((byte)0) && Utf8.IsValid(bytes)
            ? room[..Encoding.UTF8.GetChars(bytes, room)].ToString() : null;
    }
}
