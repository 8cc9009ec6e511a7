using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A UNIX socket, the file that one has left, or a path at which there can be none.</summary>
internal sealed class UnixPathTopic : Topic
{
    /// <summary>The whole of sun_path (unix(7)).</summary>
    private const int LongestRawPath = 108;

    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) =>
        socket.Protocol == Protocol.Unix ? Cause.UnixSocketListener : null;

    public override Cause? CauseOf(BindAssessment assessment, Snapshot snapshot) =>
        assessment.Rule == RuleBook.UnixPathUnreachable ? Cause.UnixSocketFile
        : assessment.Rule != RuleBook.UnixPathExists || !assessment.Decision.Blockers.IsEmpty ? null
        // connect() finds a server at the file, and no table that was read shows it.
        : snapshot.UnixPath is { IsSocket: true, IsServed: Fact.Yes } ? Cause.UnixSocketListener : Cause.UnixSocketFile;

    public override string? OwnFirstLine(DiagnosisContext context) =>
        context.Verdict == Verdict.Free
            ? PastedErrors.FirstLine(context, "",
                IsAbstract(context) ? $"no {TypeOf(Asked(context))} socket has that name" : "nothing is at that path")
        : context.Main is not null || context.Decisive.Errno != "EADDRINUSE" ? null
        : $"{context.Name} is taken (EADDRINUSE): " + context.Snapshot.UnixPath switch
        {
            { IsSocket: true, IsServed: Fact.Yes, Server: { } server } =>
                $"{ProcessNames.Short(server)} serves it, from another network namespace.",
            { IsSocket: true, IsServed: Fact.Yes } => "a server in another network namespace, not visible from here, is bound to it.",
            { IsSocket: true, IsServed: Fact.No } => "a socket file is left over, and no server is bound to it any more.",
            { IsSocket: true } => "a socket file is there; whether a server still uses it is not known.",
            { LinkTarget: { } target } link => $"a symbolic link to {target} is there{BehindIt(link)}.",
            { Kind: var kind } => $"a {kind} is there.",
            null => "something is there.",
        };

    private const int NoSuchFile = 2;

    private static string BehindIt(UnixPathRecord link) => link switch
    {
        { ConnectErrno: NoSuchFile } => ", and nothing is at its end",
        { Server: { } server } => $", and {ProcessNames.Short(server)} serves there",
        { IsServed: Fact.Yes } => ", and a server is there",
        _ => "",
    };

    public override string Holding(DiagnosisContext context, Blocker main, string owner) =>
        $"{owner} {FirstLine.Verb(main, "is", "are")} bound to it{HoldingReport.Behalf(context, main)}{Place(context, main)}";

    /// <summary>Where the socket was found; empty for the network namespace in question.</summary>
    private static string Place(DiagnosisContext context, Blocker main) =>
        context.Snapshot.Elsewhere?.Sockets.FirstOrDefault(r => r.Socket == main.Socket) is not { } record ? ""
        : record.IsCallers ? ", in the network namespace of bindwise itself"
        : record.NetworkName is { } name ? $", in another network namespace ({name})"
        : ", in another network namespace";

    public override string Refusal(DiagnosisContext context) => context.Cause != Cause.UnixSocketFile ? base.Refusal(context)
        : "its folder " + context.Decisive.Errno switch
        {
            _ when context.Snapshot.UnixPath is { FileSystem: { } kind } => $"is on a file system that takes no sockets ({kind})",
            "ENOENT" => IsInWorkingFolder(context) ? "was removed" : "does not exist",
            "ENOTDIR" => "is not a folder",
            "EACCES" => context.Snapshot.UnixPath is { IsHidden: true } ? "cannot be entered by this user" : "is not writable by this user",
            "EROFS" => "is on a read-only file system",
            "ENOSPC" => "is on a file system that has no inode left",
            "EPERM" => "is immutable",
            "EINVAL" when Encoding.UTF8.GetByteCount(context.Target.Path ?? "") == LongestRawPath =>
                "and name are 108 bytes long, and most programs bind at most 107; only a raw bind() without a closing NUL takes all",
            "EINVAL" => "and name are longer than the 107 bytes that a UNIX address holds",
            _ => "cannot be reached",
        };

    /// <summary>x.sock and ./x.sock: a working folder without a name has been removed.</summary>
    private static bool IsInWorkingFolder(DiagnosisContext context) => context.Target.Path is [not ('/' or '@'), ..] path
        && !path.AsSpan(path.StartsWith("./", StringComparison.Ordinal) ? 2 : 0).Contains('/');

    public override string? Explanation(DiagnosisContext context) =>
        context.Snapshot.UnixPath is { FileSystem: { } kind } ? $"bind() creates the socket's file, and {kind} makes none."
        : !context.Blockers.IsEmpty || context.Decisive.Rule != RuleBook.UnixPathExists ? null
        : context.Snapshot.UnixPath is { IsSocket: true }
            ? "bind() creates the socket's file, and the file stays until somebody removes it, even when its server is gone."
            : "bind() creates the socket's file, so nothing may exist at the path.";

    public override string? Reason(DiagnosisContext context, Blocker main) => IsAbstract(context) ? null
        : "A UNIX path belongs to one server at a time, and its file stays until somebody removes it.";

    /// <summary>
    /// Of a file to which no socket that was seen is bound, or of a folder that cannot take one. A file is to be removed only where
    /// connect() was refused: whoever removes the file of a living server cuts off its clients without a word.
    /// </summary>
    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) => (context.Decisive.Errno, context.Snapshot.UnixPath) switch
    {
        (_, { FileSystem: not null }) =>
            [BindElsewhere.OtherPath("Take a path on a file system that takes sockets, such as /run or /tmp.")],
        ("ENOENT", _) when IsInWorkingFolder(context) =>
            [Remedy.Of("change-folder", "Change to a folder that exists: no new one takes the place of one that was removed.", null,
                "where the path leads", "none")],
        ("ENOENT", _) => [Remedy.Of("make-folder", "Create the folder, owned by the user that runs the server.",
            FolderOf(context) is not { } folder ? null
                : context.Snapshot is { Caller.UserId: not 0 and var user, UnixPath.IsChangeable: Fact.No }
                    ? ShellCommand.Of($"{AsRoot(context)}install -d -o {user} -- {folder}")
                    : ShellCommand.Of($"{There(context)}mkdir -p -- {folder}"),
            "the folder exists", "none")],
        ("EACCES", _) =>
        [
            BindElsewhere.OtherPath(
                "Take a path in a folder that the server's user owns, such as /run/user/UID or one made by systemd's RuntimeDirectory=."),
            context.Snapshot.UnixPath is { IsHidden: true } && context.Snapshot.Caller.UserId != 0
                ? AskAsRoot(context, "Ask as root, who sees whether a server uses the path.") : ListFolder(context),
        ],
        ("EINVAL", _) => [Remedy.Of("shorter-path", "Take a shorter path, or change to the folder and bind a relative one.", null,
            "where clients connect", "clients have to be told")],
        ("EROFS", _) =>
        [
            BindElsewhere.OtherPath("Take a path on a file system that can be written, such as /run or /tmp."),
            Remedy.Of("look-at-mount", "See which mount is read-only.",
                FolderOf(context) is { } folder ? ShellCommand.Of($"{There(context)}findmnt --target {folder}") : null, "nothing", "none"),
        ],
        ("EPERM", _) =>
        [
            BindElsewhere.OtherPath("Take another path."),
            Remedy.Of("look-at-folder", "See the folder's attributes; sudo chattr -i takes this one off.",
                FolderOf(context) is { } folder ? ShellCommand.Of($"{There(context)}lsattr -d -- {folder}") : null, "nothing", "none"),
        ],
        ("ENOSPC", _) =>
        [
            BindElsewhere.OtherPath("Take another path."),
            Remedy.Of("look-at-folder", "See which file system it is.",
                FolderOf(context) is { } folder ? ShellCommand.Of($"{There(context)}df -i -- {folder}") : null, "nothing", "none"),
        ],
        (not (null or "EADDRINUSE"), _) => [BindElsewhere.OtherPath("Take another path."), ListFolder(context)],
        (_, { IsSocket: true, IsServed: Fact.No } file) => RemoveFile(context, file),
        (_, { IsSocket: true, IsServed: Fact.Yes } file) =>
            [AskThere(context, file), BindElsewhere.OtherPath("Take another path; the server that uses this one would lose its clients.")],
        (_, { IsSocket: true }) => [AskAsRoot(context, "Ask as root, who may connect to it and look into every network namespace."),
            BindElsewhere.OtherPath("Take another path; a server may still use this one.")],
        (_, { LinkTarget: not null } link) => OfLink(context, link),
        _ => [BindElsewhere.OtherPath("Take another path; what is there is not a socket.")],
    };

    private static IEnumerable<Remedy> OfLink(DiagnosisContext context, UnixPathRecord link)
    {
        var isDangling = link.ConnectErrno == NoSuchFile;
        if (!isDangling)
            yield return BindElsewhere.OtherPath("Take another path; bind() does not follow a link.");
        var prefix = ToRemove(context, link);
        yield return Remedy.Of("remove-link", isDangling ? "Remove the link, which leads nowhere."
            : "Remove the link, if no client needs it; what it leads to stays.",
            NameGrammar.Path.Word(context.Target.Path) is { } path ? ShellCommand.Of($"{prefix}rm -- {path}") : null, "the link is gone",
            isDangling ? "none" : "clients that come by this path reach another server");
    }

    /// <summary>Who may write to the folder removes what is in it, whoever owns that (unlink(2)).</summary>
    private static ShellCommand ToRemove(DiagnosisContext context, UnixPathRecord file) =>
        MayRemove(context, file) ? There(context) : AsRoot(context);

    private static ShellCommand AsRoot(DiagnosisContext context) =>
        context.Snapshot.UnixPath is { IsInOtherMounts: true } or { IsInOtherFolder: true } ? There(context) : RunAs.Root(context);

    /// <summary>Runs what follows where the path leads to the file that was looked at (nsenter(1)); empty for here.</summary>
    private static ShellCommand There(DiagnosisContext context) => context.Snapshot switch
    {
        { UnixPath.IsInOtherMounts: true, Caller.As.Process: { } process } =>
            ShellCommand.Of($"{RunAs.Root(context)}nsenter --target {process.Id} --mount --root --wd "),
        { UnixPath.IsInOtherFolder: true, Caller.As.Process: { } process } =>
            ShellCommand.Of($"{RunAs.Root(context)}nsenter --target {process.Id} --wd "),
        _ => ShellCommand.Empty,
    };

    /// <summary>The caller may remove the file; where its folder is not known, if they own it.</summary>
    public static bool MayRemove(DiagnosisContext context, UnixPathRecord file) => context.Snapshot.Caller.UserId == 0
        || file.IsChangeable == Fact.Yes || (file.IsChangeable == Fact.Unknown && context.Snapshot.Caller.UserId == file.UserId);

    private static IEnumerable<Remedy> RemoveFile(DiagnosisContext context, UnixPathRecord file)
    {
        var prefix = ToRemove(context, file);
        yield return Remedy.Of("remove-socket-file", "Remove the left-over file; no server is bound to it.",
            NameGrammar.Path.Word(context.Target.Path) is { } path ? ShellCommand.Of($"{prefix}rm -- {path}") : null,
            "the file is gone", "on a network file system another host may serve it");
        yield return Remedy.OfCode("unlink-before-bind", "Have the server remove it before bind(), once a connect() to it is refused.",
            SnippetKind.UnlinkBeforeBind, TargetLanguage.Starting(context), "the server's code",
            "two servers that start at the same time may remove each other's file");
    }

    private static Remedy AskThere(DiagnosisContext context, UnixPathRecord file) =>
        file.Server is { } server ? Remedy.Of(ElsewhereFinder.AskThere,
            $"Ask in the network namespace of {ProcessNames.Short(server)}, where the socket and its holders are visible.",
            $"{RunAs.Root(context)}bindwise why {context.Question} --netns {server.Id}", "nothing", "none")
        : context.Snapshot.Caller.UserId != 0 ? AskAsRoot(context, "Ask as root, who looks into every network namespace.")
        : Remedy.Of(ElsewhereFinder.AskThere, "Ask on the host, outside this container; its server is not visible in here.", null,
            "nothing", "none");

    private static Remedy AskAsRoot(DiagnosisContext context, string text) => context.Snapshot.Caller.UserId == 0
        ? Remedy.Of("look-again", "Look at the evidence; connect() did not show whether a server is there.",
            $"bindwise why {context.Question} --verbose", "nothing", "none")
        : Remedy.Of("ask-as-root", text, $"{RunAs.Root(context)}bindwise why {context.Question}", "nothing", "none");

    private static Remedy ListFolder(DiagnosisContext context) =>
        Remedy.Of("look-at-folder", "See who may write to the folder.",
            FolderOf(context) is { } folder ? ShellCommand.Of($"{There(context)}ls -ld -- {folder}") : null, "nothing", "none");

    private static ShellWord? FolderOf(DiagnosisContext context)
    {
        var path = context.Target.Path ?? "";
        var slash = path.LastIndexOf('/');
        return NameGrammar.Path.Word(slash < 0 ? "./" : path[..(path[..slash] is "" or "." or ".." ? slash + 1 : slash)]);
    }

    /// <summary>After the end of a server: many leave their file; whether it may go is known only once connect() is refused.</summary>
    public static IEnumerable<Remedy> AskAgain(DiagnosisContext context) =>
        context.Target.Protocol != Protocol.Unix || IsAbstract(context) ? []
        : [Remedy.Of("ask-again", "If the file is still there when its server has ended, ask again.",
            $"bindwise why {context.Question}", "nothing", "none")];

    /// <summary>
    /// A server bound under this name that the bind does not meet: its file is gone or replaced, or its type is another. Of a file that
    /// cannot be seen nothing is said.
    /// </summary>
    public static Remark? OldServer(DiagnosisContext context)
    {
        if (context.Snapshot.UnixPath is { IsHidden: true })
            return null;
        var old = context.Snapshot.Sockets.FirstOrDefault(
            s => s.Path == context.Target.Path && s.HoldsItsName && context.Blockers.All(b => b.Socket != s));
        if (old is null)
            return null;
        var owner = ProcessNames.Of(context.Holders.OwnersOf(old.Inode), "Another socket");
        return IsAbstract(context)
            ? Remark.Of("name-of-another-type",
                $"{owner} has this name for a {TypeOf(old.SocketType)} socket, which does not block a {TypeOf(Asked(context))} socket.")
            : old.IsReachedByHolder == Fact.Yes && context.Holders.OwnersOf(old.Inode) is [var first, ..]
                ? Remark.Of("bound-in-other-mounts", $"{owner} is bound to a file of this name in mounts or a folder of its own: "
                    + $"bindwise why {context.Question} --pid {first.Process.Id} looks there.")
            : Remark.Of("bound-to-removed-file",
                $"{owner} is still bound to this name, but its file has been removed or replaced, so new clients do not reach it.");
    }

    private static byte Asked(DiagnosisContext context) => context.Asked[0].Request.UnixType;

    private static string TypeOf(byte type) => type switch
    {
        HeldSocket.UnixDatagram => "datagram",
        HeldSocket.UnixSequencedPackets => "seqpacket",
        _ => "stream",
    };

    private static bool IsAbstract(DiagnosisContext context) => context.Name.StartsWith('@');
}
