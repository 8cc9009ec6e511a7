using Bindwise.Model.Diagnosing;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>Where an owner was started, in one row beneath it: what its own row does not say already.</summary>
internal static class StartedFromLine
{
    private const int PathLimit = 200;
    private const int IdShown = 12;

    /// <summary>The row; null when there is nothing to add.</summary>
    public static Paragraph? Of(Owner owner)
    {
        if (owner.StartedFrom is not { } origin)
            return null;
        var text = new Paragraph();
        AddManaged(text, origin);
        if (origin.Tool is { } tool)
            text.AddFact(tool.Command, TextRole.Name);
        if (origin.ProjectFolder is { } folder && (folder != owner.Process.WorkingDirectory || origin.Tool is not null))
            (origin.Tool is null ? text.AddFact("in ") : text.Add(" in ")).Add(TextRole.Text, folder, PathLimit);
        if (origin.Editor is { } editor)
            text.AddFact(editor);
        if (origin.Session is { } session)
            text.AddFact(session);
        if (origin.Terminal is { } terminal)
            text.AddFact(terminal);
        return text.IsEmpty ? null : new Paragraph().Add(TextRole.Dim, "started from: ").Add(text);
    }

    private static void AddManaged(Paragraph text, Provenance origin)
    {
        if (origin.SocketUnit is { } unit)
        {
            text.AddFact(unit.Name, TextRole.Name).Add(" on behalf of " + unit.Service);
            foreach (var other in unit.Others)
                text.Add(" (or " + other + ", which lists the same address)");
        }
        if (origin.Pod is { } pod)
            text.AddFact("pod ").Add(TextRole.Name, pod.Name is { } name ? (pod.Namespace is { } space ? space + "/" : "") + name : pod.Uid ?? "");
        if (origin.Container is { } container && (container.Name is not null || container.Port is not null))
        {
            text.AddFact((container.Engine is { } engine ? engine + " " : "") + "container ");
            text.Add(TextRole.Name, container.Name ?? Short(container.Id));
            var details = new[] { container.Port is { } port ? Invariant($"port {port}") : null, container.Image is { } image ? "image " + image : null }.OfType<string>().ToList();
            if (details.Count > 0)
                text.Add($" ({string.Join(", ", details)})");
        }
        if (origin.Compose is { } compose)
            text.AddFact(compose.Service is { } service ? $"compose service {service} of project {compose.Project}" : $"compose project {compose.Project}");
    }

    private static string Short(string id) => id.Length > IdShown ? id[..IdShown] : id;
}
