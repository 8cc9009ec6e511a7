using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>Warnings and limits of a portable answer.</summary>
internal static class PortableRemarks
{
    public static IEnumerable<Remark> Warnings(PortableContext f)
    {
        if (f.Verdict != Verdict.Free || f.Target.Protocol == Protocol.Unix)
            yield break;
        var beside = f.Meeting.Where(static s => s.State == TcpState.Listen || s.Protocol == Protocol.Udp).Select(static s => s.Local.ToString()).Distinct().ToList();
        if (beside.Count > 0)
            yield return new Remark("seen-beside", $"{Wording.List(beside)} {(beside.Count == 1 ? "is" : "are")} in use, and this system allows the bind all the same; what is sent to the more specific address reaches only one of the two.");
        else if (f.Record.Probes.Any(static p => p.IsExclusive && p.Error != 0))
            yield return new Remark("seen-beside", "With SO_EXCLUSIVEADDRUSE the bind fails; another socket is on the port, and two servers would share it.");
    }

    public static IEnumerable<Remark> Limits(PortableContext f)
    {
        yield return new Remark("portable", "This is the portable answer, from a probe and the system's list of listeners and connections; it shows no owners, no options, and no sockets that are bound without listening.");
        foreach (var limit in f.Plan.Limits)
            yield return limit;
        if (f.Target.Protocol == Protocol.Unix)
            yield return new Remark("path-not-probed", "A path is looked at but never bound, so whether a server listens on it, and whether you may create a file there, is not known.");
        else if (Unprobed(f) is { } unprobed)
            yield return unprobed;
        if (!f.Record.IsListRead && f.Target.Protocol != Protocol.Unix)
            yield return new Remark("list-unread", "The system's list of sockets could not be read.");
        if (f.Record.SeenCount > f.Record.Seen.Length)
            yield return new Remark("list-cut", $"{Wording.Number(f.Record.Seen.Length)} of {Wording.Number(f.Record.SeenCount)} sockets on the port are listed one by one.");
        if (f is { Verdict: Verdict.Free, System: HostSystem.Windows, Target.Protocol: Protocol.Tcp })
            yield return new Remark("not-listened", "The probe does not listen; on Windows a wildcard conflict may show only at listen().");
        foreach (var note in f.Snapshot.Coverage.Notes)
            yield return new Remark("note", note);
    }

    /// <summary>Why a bind that was asked about has no answer.</summary>
    private static Remark? Unprobed(PortableContext f)
    {
        var open = f.Plan.Asked.FirstOrDefault(r => f.AnswerOf(r) is null);
        if (open is null || f.Verdict == Verdict.Blocked)
            return null;
        if (open.Device is not null)
            return new Remark("device-not-probed", "--device (SO_BINDTODEVICE) is specific to Linux; .NET cannot bind that way.");
        if (open.Freebind)
            return new Remark("freebind-not-probed", ".NET cannot set IP_FREEBIND, so no bind() is tried with it.");
        if (f.Record.Probes.IsEmpty)
            return new Remark("not-probed", "No bind() was tried, so nothing confirms the answer.");
        if (open is not ({ ReuseAddress: true } or { ReusePort: true }))
            return null;
        return f.System == HostSystem.Windows
            ? new Remark("sharing-not-probed", "On Windows SO_REUSEADDR can take a port away from its owner, so no bind() is tried with it.")
            : f.Target.Protocol == Protocol.Udp
            ? new Remark("sharing-not-probed", "A UDP socket that shares the port would take its owner's datagrams, so no bind() is tried that way.")
            : new Remark("sharing-not-probed", ".NET sets SO_REUSEPORT only together with SO_REUSEADDR, so what one of them alone would give is not known.");
    }
}
