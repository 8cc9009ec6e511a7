using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Processes;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The processes behind the sockets, and the sockets that no process stands behind.</summary>
internal static class WhoRows
{
    private const string Label = "who";

    /// <summary>So many are told one after another before the next steps; more would push those off the screen.</summary>
    private const int MostBeforeNext = 3;

    /// <summary>One entry: the process that made the socket, or the first that holds it, and how many more there are.</summary>
    public static void WriteShort(Page page, Diagnosis diagnosis)
    {
        var owners = Merge(diagnosis);
        var label = Label;
        // The first line is about a socket of which no process is seen: whose the others are comes after that.
        if (diagnosis.Blockers is [] or [{ Owners.IsEmpty: true }, ..] && OwnerlessSockets.Short(diagnosis) is { } text)
        {
            page.Row(label, text);
            label = "";
        }
        if (owners.Count > 0)
        {
            var main = Main(diagnosis, owners);
            page.Row(label, new ProcessLine(diagnosis).Short(main).Add(AndMore([.. owners.Where(owner => owner != main)])));
        }
    }

    /// <summary>The same with all that is known of each; of many only the first, the others by <see cref="WriteOthers"/>.</summary>
    public static void WriteFull(Page page, Diagnosis diagnosis)
    {
        var owners = Merge(diagnosis);
        var line = new ProcessLine(diagnosis);
        var shown = owners.Count > MostBeforeNext ? 1 : owners.Count;
        for (var i = 0; i < shown; i++)
            Process(page, i == 0 ? Label : "", line, owners[i], owners.Count);
        if (shown < owners.Count)
            page.Row("", new Paragraph().Add(Invariant($"and {owners.Count - shown} more ({Pids(owners.Skip(shown))}), listed below")));
        page.Rows(owners.Count == 0 ? Label : "", OwnerlessSockets.Full(diagnosis), hang: 2);
    }

    /// <summary>Those of many that <see cref="WriteFull"/> has only counted.</summary>
    public static void WriteOthers(Page page, Diagnosis diagnosis)
    {
        var owners = Merge(diagnosis);
        var line = new ProcessLine(diagnosis);
        for (var i = 1; i < owners.Count && owners.Count > MostBeforeNext; i++)
            Process(page, i == 1 ? Label : "", line, owners[i], owners.Count);
    }

    // Of the socket that decides: who made it, else who holds it first.
    private static Owner Main(Diagnosis diagnosis, List<Owner> owners)
    {
        var holders = diagnosis.Blockers.First(static blocker => !blocker.Owners.IsEmpty).Owners;
        var main = holders.FirstOrDefault(static owner => owner.Role == OwnerRole.Creator) ?? holders[0];
        return owners.Find(owner => owner.Process.Id == main.Process.Id)!;
    }

    private static void Process(Page page, string label, ProcessLine line, Owner owner, int ownerCount)
    {
        page.Row(label, line.Full(owner, ownerCount), hang: 2);
        if (StartedFromLine.Of(owner) is { } origin)
            page.Row("", origin, indent: 2, hang: 2);
    }

    private static string AndMore(List<Owner> others) => others switch
    {
        [] => "",
        [{ Process: { Name.Length: > 0 } other }] => $"; and {ProcessNames.Short(other)}",
        _ => Invariant($"; and {others.Count} more ({Pids(others)})"),
    };

    private static string Pids(IEnumerable<Owner> owners) => PidRanges.Describe(owners.Select(static owner => owner.Process.Id));

    // A process that holds several of the sockets is told once, in its strongest role.
    private static List<Owner> Merge(Diagnosis diagnosis)
    {
        var order = new List<int>();
        var byId = new Dictionary<int, Owner>();
        foreach (var owner in diagnosis.Blockers.SelectMany(blocker => blocker.Owners))
        {
            if (!byId.TryGetValue(owner.Process.Id, out var known))
            {
                order.Add(owner.Process.Id);
                byId.Add(owner.Process.Id, owner);
                continue;
            }
            byId[owner.Process.Id] = known with
            {
                Role = Strength(owner.Role) > Strength(known.Role) ? owner.Role : known.Role,
                Descriptors = [.. known.Descriptors.Union(owner.Descriptors)],
                Ways = [.. known.Ways.Union(owner.Ways).Order()],
                ThreadId = known.ThreadId ?? owner.ThreadId,
            };
        }
        return [.. order.Select(id => byId[id])];
    }

    private static int Strength(OwnerRole role) => role switch
    {
        OwnerRole.Creator => 2,
        OwnerRole.Inherited => 1,
        _ => 0,
    };
}

/// <summary>One process in one row: what it is, whose, since when, where, by whom it was started and what is odd about it.</summary>
internal sealed class ProcessLine(Diagnosis diagnosis)
{
    private const int CommandLimit = 640;
    private const int PathLimit = 200;
    private const int ParentsShown = 6;

    private readonly ProcessAncestry _parents = new(diagnosis.Processes);
    private readonly Moments _moments = new(diagnosis.TakenAt);

    /// <summary>What a person needs to recognise it, each fact once.</summary>
    public Paragraph Short(Owner owner)
    {
        var text = Start(owner.Process, ShortCommand.Of(owner.Process, diagnosis.Port));
        AddUserAndStart(text, owner.Process);
        if (RoleOf(owner) is { } role)
            text.AddFact(role);
        AddOddities(text, owner);
        if (owner.Process.ExecutableDeleted)
            text.AddFact("executable deleted", TextRole.Warning);
        if (ProjectPlace.Of(owner) is { } place)
            text.AddFact(place);
        // Last: it is a list itself.
        if (StartedFromLine.Short(owner, diagnosis.Summary) is { } origin)
            text.AddFact("from ").Add(origin);
        return text;
    }

    /// <param name="ownerCount">How many processes hold the sockets: who made them matters only among several.</param>
    public Paragraph Full(Owner owner, int ownerCount)
    {
        var process = owner.Process;
        var text = Start(process, ShownCommandLine.Of(process, CommandLimit));
        if (process.NamespacePid is { } inner)
            text.Add(Invariant($" (pid {inner} in its namespace)"));
        AddUserAndStart(text, process);
        if (process.WorkingDirectory is { } directory)
            text.AddFact("in ").Add(TextRole.Text, directory, PathLimit);
        if (process.Unit is { } unit)
            text.AddFact("unit ").Add(TextRole.Text, unit, PathLimit);
        if (process.Container is { } container)
            text.AddFact("container ").Add(ContainerRecord.ShortId(container));
        if (RoleOf(owner) is { } role)
            text.AddFact(role);
        else if (owner.Role == OwnerRole.Creator && ownerCount > 1)
            text.AddFact("made the socket");
        AddOddities(text, owner);
        if (process.ExecutableDeleted)
        {
            text.AddFact("executable deleted", TextRole.Warning);
            if (process.Executable is { } executable)
                text.Add(" (").Add(TextRole.Text, executable, PathLimit).Add(")");
        }
        if (owner.Descriptors.Length > 0)
            text.AddFact("fd " + string.Join(' ', owner.Descriptors.Select(fd => fd.ToString(CultureInfo.InvariantCulture))));
        AddParents(text, process);
        return text;
    }

    private static string? RoleOf(Owner owner) => owner.Role switch
    {
        OwnerRole.Inherited => "inherited the socket",
        OwnerRole.Keeper => "keeps the socket",
        _ => null,
    };

    private static Paragraph Start(ProcessRecord process, string? command)
    {
        var text = new Paragraph();
        if (command is not null)
            text.Add(TextRole.Name, command, CommandLimit).Add("  ");
        return text.Add(Invariant($"pid {process.Id}"));
    }

    private void AddUserAndStart(Paragraph text, ProcessRecord process)
    {
        if (process.UserName is { } name)
            text.AddFact("user " + name);
        else if (process.UserId is { } id)
            text.AddFact(Invariant($"uid {id}"));
        if (process.StartedAt is { } started)
            text.AddFact("since " + _moments.Minute(started) + (_moments.Ago(started) is { } ago ? $" ({ago})" : ""));
    }

    private static void AddOddities(Paragraph text, Owner owner)
    {
        var process = owner.Process;
        foreach (var way in HoldingWays.Describe(owner))
            text.AddFact(way, TextRole.Warning);
        if (process.Freeze is not null)
            text.AddFact("frozen", TextRole.Warning);
        if (process.State == 't')
            text.AddFact("stopped by a debugger", TextRole.Warning);
        else if (ProcessStates.IsStopped(process))
            text.AddFact("suspended (Ctrl+Z)", TextRole.Warning);
        else if (ProcessStates.IsZombie(process))
            text.AddFact(process.LivingThreads > 0
                ? Invariant($"a zombie with {process.LivingThreads} {(process.LivingThreads == 1 ? "thread" : "threads")} still running")
                : "a zombie", TextRole.Warning);
    }

    private void AddParents(Paragraph text, ProcessRecord process)
    {
        var chain = _parents.Of(process);
        for (var i = 0; i < Math.Min(chain.Count, ParentsShown); i++)
        {
            text.Add(TextRole.Dim, i == 0 ? ", from " : " ← ")
                .Add(TextRole.Dim, Invariant($"{ProcessNames.NameOf(chain[i])}({chain[i].Id})"));
        }
        if (chain.Count > ParentsShown)
            text.Add(TextRole.Dim, " ← …");
    }
}

/// <summary>Many process ids in few words.</summary>
internal static class PidRanges
{
    private const int MaximumRanges = 4;

    /// <summary><c>pid 7</c>, or <c>pids 4122–4318, 4400, …</c>: in order, neighbours joined.</summary>
    public static string Describe(IEnumerable<int> ids)
    {
        var ranges = new List<(int First, int Last)>();
        var count = 0;
        foreach (var id in ids.Order())
        {
            count++;
            if (ranges.Count > 0 && ranges[^1].Last >= (long)id - 1)
                ranges[^1] = (ranges[^1].First, id);
            else
                ranges.Add((id, id));
        }
        var shown = ranges.Take(MaximumRanges).Select(range =>
            range.First == range.Last ? Invariant($"{range.First}") : Invariant($"{range.First}–{range.Last}"));
        return (count == 1 ? "pid " : "pids ") + string.Join(", ", shown) + (ranges.Count > MaximumRanges ? ", …" : "");
    }
}

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
