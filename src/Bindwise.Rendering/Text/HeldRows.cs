using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The sockets in the way, grouped by state and local end, with some of the remote ends.</summary>
internal static class HeldRows
{
    private const int MaximumGroups = 8;
    private const int Samples = 3;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        var groups = diagnosis.Blockers.Select(blocker => blocker.Socket)
            .GroupBy(socket => (State: SocketText.State(socket), Local: SocketText.Local(socket))).ToList();
        var shown = page.Detail == Detail.Verbose ? groups.Count : Math.Min(groups.Count, MaximumGroups);
        for (var i = 0; i < shown; i++)
            page.Row(i == 0 ? "held" : "", Describe(groups[i].Key.State, groups[i].Key.Local, [.. groups[i]]), hang: 2);
        if (shown < groups.Count)
        {
            var rest = groups.Skip(shown).Sum(group => group.Count());
            page.Row("", new Paragraph().Add(TextRole.Dim, Invariant($"and {rest} more sockets (--verbose lists them)")));
        }
    }

    private static Paragraph Describe(string state, string local, List<HeldSocket> sockets)
    {
        var text = new Paragraph().Add(Invariant($"{sockets.Count} {state} "))
            .Add(TextRole.Text, local, limit: 200);
        var remotes = sockets.Select(SocketText.Remote).OfType<string>().ToList();
        if (remotes.Count > 0)
        {
            text.Add(" with " + string.Join(", ", remotes.Take(Samples)));
            if (remotes.Count > Samples)
                text.Add(Invariant($" and {remotes.Count - Samples} more"));
        }
        if (sockets is [{ State: TcpState.Listen, ReceiveQueue: > 0 } listener])
            text.Add(Invariant($"; {listener.ReceiveQueue} of {listener.SendQueue} connections wait for accept()"));
        return text;
    }
}
