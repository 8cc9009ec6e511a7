using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>Who has the other ends of the connections in the way, for --verbose, as far as they are on this host: one row a process.</summary>
internal static class PeerRows
{
    public static void Write(Page page, Diagnosis diagnosis)
    {
        var line = new ProcessLine(diagnosis);
        // A connection of a server with itself is told already.
        var owners = diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id).ToHashSet();
        var peers = diagnosis.Blockers.SelectMany(static blocker => blocker.Peer?.Owners ?? [])
            .Where(owner => !owners.Contains(owner.Process.Id)).DistinctBy(static owner => owner.Process.Id);
        var label = "peer";
        foreach (var peer in peers)
        {
            page.Row(label, line.Full(peer, ownerCount: 1), hang: 2);
            label = "";
        }
    }
}
