using Bindwise.Model.Diagnosing;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The processes behind the sockets: one row each, alike ones summed up; and the sockets that no process stands behind.</summary>
internal static class WhoRows
{
    private const int MaximumAlike = 3;
    private const int MaximumRows = 12;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        var label = "who";
        var line = new ProcessLine(diagnosis, page.Detail);
        var held = Merge(diagnosis);
        var rows = 0;
        var unshown = 0;
        foreach (var alike in held.GroupBy(owner => (owner.Process.Executable ?? owner.Process.Name, owner.Role)))
        {
            var members = alike.ToList();
            var most = page.Detail == Detail.Verbose ? members.Count : MaximumAlike;
            if (page.Detail != Detail.Verbose && rows >= MaximumRows)
            {
                unshown += members.Count;
                continue;
            }
            foreach (var owner in members.Take(most))
            {
                Row(line.Describe(owner, held.Count));
                if (StartedFromLine.Of(owner) is { } origin)
                    page.Row("", origin, indent: 2, hang: 2);
            }
            if (members.Count > most)
                Row(new Paragraph().Add(Invariant($"and {members.Count - most} more like it ({PidRanges.Describe(members.Skip(most).Select(owner => owner.Process.Id))})")));
        }
        if (unshown > 0)
            Row(new Paragraph().Add(TextRole.Dim, Invariant($"and {unshown} more processes (--verbose lists them)")));
        foreach (var text in OwnerlessSockets.Describe(diagnosis))
            Row(text);

        void Row(Paragraph text)
        {
            page.Row(label, text, hang: 2);
            label = "";
            rows++;
        }
    }

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
