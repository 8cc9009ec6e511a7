using Bindwise.Model.Diagnosing;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>Who stands at the other ends of the connections in the way, as far as they are on this host: one row a process.</summary>
internal static class PeerRows
{
    private const int MaximumRows = 3;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        var line = new ProcessLine(diagnosis, page.Detail);
        // A connection of a server with itself is told already.
        var owners = diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id).ToHashSet();
        var peers = diagnosis.Blockers.SelectMany(static blocker => blocker.Peer?.Owners ?? []).Where(owner => !owners.Contains(owner.Process.Id))
            .GroupBy(static owner => owner.Process.Id).ToList();
        var most = page.Detail == Detail.Verbose ? peers.Count : MaximumRows;
        var label = "peer";
        foreach (var peer in peers.Take(most))
            Row(line.Describe(peer.First(), ownerCount: 1));
        if (peers.Count > most)
            Row(new Paragraph().Add(TextRole.Dim, Invariant($"and {peers.Count - most} more processes at other ends (--verbose lists them)")));

        void Row(Paragraph text)
        {
            page.Row(label, text, hang: 2);
            label = "";
        }
    }
}
