using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>
/// What to do about a file at a UNIX path to which no socket that was seen is bound. It is to be removed only where connect() was refused:
/// whoever removes the file of a living server cuts off its clients without a word.
/// </summary>
internal static class UnixPathRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext f) => f.Snapshot.UnixPath switch
    {
        { IsSocket: true, IsServed: Fact.No } file => LeftOver(f, file),
        { IsSocket: true, IsServed: Fact.Yes } file => [AskThere(f, file), OtherPath("Take another path; the server that uses this one would lose its clients.")],
        { IsSocket: true } => [AskAsRoot(f, "Ask as root, who may connect to it and look into every network namespace."), OtherPath("Take another path; a server may still use this one.")],
        _ => [OtherPath("Take another path; what is there is not a socket.")],
    };

    private static IEnumerable<Remedy> LeftOver(DiagnosisContext f, UnixPathRecord file)
    {
        var caller = f.Snapshot.Caller.UserId;
        yield return Remedy.Of("remove-socket-file", "Remove the left-over file; no server is bound to it.",
            NameGrammar.Path.Word(f.Target.Path) is { } path ? ShellCommand.Of($"{(caller == file.UserId ? ShellCommand.Empty : RunAs.Root(f))}rm -- {path}") : null, "the file is gone",
            "on a network file system another host may serve it");
        yield return CodeRemedies.Of("unlink-before-bind", "Have the server remove it before bind(), once a connect() to it is refused.", SnippetKind.UnlinkBeforeBind, TargetLanguage.Starting(f), "the server's code", "two servers that start at the same time may remove each other's file");
    }

    private static Remedy AskThere(DiagnosisContext f, UnixPathRecord file)
    {
        if (file.Server is { } server)
        {
            return Remedy.Of(ElsewhereFinder.AskThere, $"Ask in the network namespace of {ProcessNames.Short(server)}, where the socket and its holders are visible.",
                $"{RunAs.Root(f)}bindwise why {f.Argument} --netns {server.Id}", "nothing", "none");
        }
        return f.Snapshot.Caller.UserId != 0
            ? AskAsRoot(f, "Ask as root, who looks into every network namespace.")
            : Remedy.Of(ElsewhereFinder.AskThere, "Ask on the host, outside this container; its server is not visible in here.", null, "nothing", "none");
    }

    private static Remedy AskAsRoot(DiagnosisContext f, string text) => f.Snapshot.Caller.UserId == 0
        ? Remedy.Of("look-again", "Look at the evidence; connect() did not show whether a server is there.", $"bindwise why {f.Argument} --verbose", "nothing", "none")
        : Remedy.Of("ask-as-root", text, $"sudo bindwise why {f.Argument}", "nothing", "none");

    private static Remedy OtherPath(string text) => Remedy.Of("other-path", text, null, "where clients connect", "clients have to be told");
}
