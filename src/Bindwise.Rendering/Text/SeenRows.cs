using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The sockets that the system lists on the port, for --verbose, where only .NET itself was asked: which of them is in the way is not known.</summary>
internal static class SeenRows
{
    private const int Samples = 3;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        if (diagnosis.Portable is not { } record)
            return;
        var groups = record.Seen.GroupBy(static s => (s.Protocol, s.State, s.Local)).ToList();
        for (var i = 0; i < groups.Count; i++)
            page.Row(i == 0 ? "seen" : "", Describe([.. groups[i]]), hang: 2);
    }

    private static Paragraph Describe(List<SeenSocket> alike)
    {
        var one = alike[0];
        var text = new Paragraph().Add(Invariant($"{alike.Count} {TcpStateNames.Of(one.State, one.Protocol)} ")).Add(TextRole.Text, one.Local.ToString(), limit: 200);
        var remotes = alike.Where(static s => s.Remote.Port != 0).Select(static s => s.Remote.ToString()).ToList();
        if (remotes.Count > 0)
            text.Add(" with " + string.Join(", ", remotes.Take(Samples)) + (remotes.Count > Samples ? Invariant($" and {remotes.Count - Samples} more") : ""));
        return text;
    }
}
