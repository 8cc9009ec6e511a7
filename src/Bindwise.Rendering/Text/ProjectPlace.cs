using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Processes;

namespace Bindwise.Rendering.Text;

/// <summary>The folder by which a person knows a server: its project's, with the git branch, else the one that it runs in.</summary>
internal static class ProjectPlace
{
    private const int PathLimit = 60;
    private const int BranchLimit = 40;

    /// <summary><c>in /home/ann/shop (git main)</c>; null where none is known, and for <c>/</c>, in which most daemons run.</summary>
    public static Paragraph? Of(Owner owner) => FolderOf(owner) is { Length: > 1 } folder
        ? new Paragraph().Add("in ").Add(TextRole.Text, Shortening.Middle(folder, PathLimit), PathLimit).Add(Branch(owner))
        : null;

    /// <summary><c> (git main)</c>; empty where there is no branch.</summary>
    public static Paragraph Branch(Owner owner) => owner.StartedFrom?.Branch is { Length: > 0 } branch
        ? new Paragraph().Add(" (git ").Add(TextRole.Text, Shortening.Middle(branch, BranchLimit), BranchLimit).Add(")")
        : new Paragraph();

    private static string? FolderOf(Owner owner) =>
        owner.StartedFrom?.ProjectFolder ?? owner.Process.ProjectFolder ?? owner.Process.WorkingDirectory;
}
