using Bindwise.Model.Snapshots;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>Where an owner was started: what its own row does not say already.</summary>
internal static class StartedFromLine
{
    private const int PathLimit = 200;
    private const int NameLimit = 60;
    /// <summary>Everything, as a row beneath the owner's; null when there is nothing to add.</summary>
    public static Paragraph? Of(Owner owner)
    {
        if (owner.StartedFrom is not { } origin)
            return null;
        var text = new Paragraph();
        AddManaged(text, origin);
        var tool = ToolOf(owner, origin);
        if (tool is not null)
            text.AddFact(tool.Command, TextRole.Name);
        if (origin.ProjectFolder is { } folder
            && (folder != owner.Process.WorkingDirectory || tool is not null || origin.Branch is not null))
            (text.IsEmpty ? text.Add("the project ") : tool is null ? text.AddFact("in ") : text.Add(" in ")).Add(TextRole.Text,
                folder, PathLimit).Add(ProjectPlace.Branch(owner));
        AddPlaces(text, origin);
        return text.IsEmpty ? null : new Paragraph().Add(TextRole.Dim, "started from: ").Add(text);
    }

    /// <summary>What runs it and from where, in a few words; null when nothing is known that the headline has not said.</summary>
    public static Paragraph? Short(Owner owner, string headline)
    {
        var text = new Paragraph();
        var origin = owner.StartedFrom ?? new ProcessProvenance { Unit = owner.Process.Unit, Terminal = owner.Process.Terminal };
        AddNew(origin.SocketUnit?.Name);
        AddNew(Pod(origin.Pod) is { Length: > 0 } pod ? "pod " + pod : null);
        if ((origin.Container?.Id ?? owner.Process.Container) is { } id)
            AddNew("container " + (origin.Container?.Name ?? ContainerRecord.ShortId(id)));
        else if (IsService(origin.Unit))
            AddNew(origin.Unit);
        AddNew(origin.Compose is { } compose ? Compose(compose) : null);
        AddNew(ToolOf(owner, origin)?.Command, TextRole.Name);
        AddPlaces(text, origin);
        return text.IsEmpty ? null : text;

        void AddNew(string? fact, TextRole role = TextRole.Text)
        {
            if (fact is not null && !headline.Contains(fact, StringComparison.Ordinal))
                text.AddFact(fact, role, NameLimit);
        }
    }

    // A supervisor that holds the socket for what it runs was not started from itself.
    private static StartingTool? ToolOf(Owner owner, ProcessProvenance origin) =>
        origin.Tool?.ProcessId == owner.Process.Id ? null : origin.Tool;

    // Scopes are named by the session or the desktop, not by a person; user@ID.service is every user's own manager.
    private static bool IsService(string? unit) => unit is not null
        && unit.EndsWith(".service", StringComparison.Ordinal) && !unit.StartsWith("user@", StringComparison.Ordinal);

    private static void AddPlaces(Paragraph text, ProcessProvenance origin)
    {
        foreach (var place in new[] { origin.Editor, origin.Session, origin.Terminal }.OfType<string>().Distinct(StringComparer.Ordinal))
            text.AddFact(place);
    }

    private static void AddManaged(Paragraph text, ProcessProvenance origin)
    {
        if (origin.SocketUnit is { } unit)
        {
            text.AddFact(unit.Name, TextRole.Name).Add(" for " + unit.Service);
            foreach (var other in unit.Others)
                text.Add(" (or " + other + ", which lists the same address)");
        }
        if (Pod(origin.Pod) is { Length: > 0 } pod)
            text.AddFact("pod ").Add(TextRole.Name, pod);
        if (origin.Container is { } container && (container.Name is not null || container.Port is not null))
        {
            text.AddFact((container.Engine is { } engine ? engine + " " : "") + "container ");
            text.Add(TextRole.Name, container.Name ?? ContainerRecord.ShortId(container.Id));
            var details = new[] { container.Port is { } port ? Invariant($"port {port}") : null,
                container.Image is { } image ? "image " + image : null }.OfType<string>().ToList();
            if (details.Count > 0)
                text.Add($" ({string.Join(", ", details)})");
        }
        if (origin.Compose is { } compose)
            text.AddFact(Compose(compose));
    }

    private static string Compose(ComposeUse compose) =>
        compose.Service is { } service ? $"compose service {service} of project {compose.Project}" : $"compose project {compose.Project}";

    private static string Pod(PodUse? pod) => pod switch
    {
        null => "",
        { Name: { } name, Namespace: { } space } => $"{space}/{name}",
        _ => pod.Name ?? pod.Uid ?? "",
    };
}
