using Bindwise.Model.Diagnosing;
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
        if (owners.Count > 0)
        {
            var main = Main(diagnosis, owners);
            page.Row(Label, new ProcessLine(diagnosis).Short(main).Add(AndMore([.. owners.Where(owner => owner != main)])));
        }
        else if (OwnerlessSockets.Short(diagnosis) is { } text)
            page.Row(Label, text);
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
        var label = owners.Count == 0 ? Label : "";
        foreach (var text in OwnerlessSockets.Full(diagnosis))
        {
            page.Row(label, text, hang: 2);
            label = "";
        }
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
        var deciding = diagnosis.Blockers.First(static blocker => !blocker.Owners.IsEmpty).Owners;
        var main = deciding.FirstOrDefault(static owner => owner.Role == OwnerRole.Creator) ?? deciding[0];
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
        [{ Process.Name: { Length: > 0 } name }] => $"; and {name} ({Pids(others)})",
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
