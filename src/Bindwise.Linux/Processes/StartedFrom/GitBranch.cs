using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes.StartedFrom;

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
        if (StatX.OfLink(OpenAt.WorkingDirectory, Terminated(folder + "/.git"), out var status) != Errno.None)
            return false;
        var repository = (status.Mode & FileStatus.KindMask) switch
        {
            FileStatus.KindDirectory => folder + "/.git",
            // A worktree (git-worktree(1)), or a submodule.
            FileStatus.KindFile => Linked(folder),
            _ => null,
        };
        if (repository is not null && isLocal(repository)
            && PlainFile.Read(Terminated(repository + "/HEAD"), HeadBytes, out var head) == Errno.None)
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
        if (PlainFile.Read(Terminated(folder + "/.git"), LinkBytes, out var bytes) != Errno.None || !bytes.StartsWith("gitdir: "u8))
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

    private static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];
}
