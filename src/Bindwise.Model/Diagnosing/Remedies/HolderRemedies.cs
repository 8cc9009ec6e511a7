using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>How to make those who hold the socket let go, in the terms of what runs them.</summary>
internal static class HolderRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext f)
    {
        if (f.Target.Protocol == Protocol.Unix && f.Main is null)
            return UnixPathRemedies.Of(f);
        if (f.Snapshot.Coverage.SocketsUnread)
            return [Remedy.Of("leave-sandbox", "Ask outside the sandbox that blocks the socket table (sock_diag(7)).", $"bindwise why {f.Argument}", "nothing", "none")];
        if (f.Main is not { } main)
            return [SearchAsRoot(f)];
        if (main.Kernel is { } kernel)
            return KernelRemedies.Of(f, kernel);
        if (main.Socket.IsWithoutProcess)
            return WithoutProcess(main.Socket);
        if (main.Owners.IsEmpty)
            return [SearchAsRoot(f)];
        if (f.Cause == CauseId.DescriptorInFlight)
            return [.. HoldingReport.InFlightRemedies(f, main), EndRemedies.Of(f, main.Owners)];
        if (HoldingReport.IsOnlyInferred(main) && main.Owners.Length > 1)
            return [.. f.Snapshot.Caller.UserId == 0 ? [] : new[] { SearchAsRoot(f) }, .. EndRemedies.OneByOne(f, main.Owners)];
        var stop = StopRemedies.Of(f, main.Owners, Besides(f, main));
        // Many servers leave their file; whether it may go is known only once connect() is refused.
        return f.Target.Protocol != Protocol.Unix || f.Name.StartsWith('@') ? stop
            : [.. stop, Remedy.Of("ask-again", "If the file is still there then, ask again.", $"bindwise why {f.Argument}", "nothing", "none")];
    }

    /// <summary>Other programs whose sockets are in the way too: the port is free only when all of them have ended.</summary>
    private static List<Owner> Besides(DiagnosisContext f, Blocker main)
    {
        const int limit = 3;
        var ended = main.Owners.Select(static o => o.Process.Id).ToHashSet();
        return
        [
            .. f.Blockers.Where(static b => !b.Owners.IsEmpty).Select(static b => b.Owners[0])
                .Where(o => ended.Add(o.Process.Id) && f.Cause != CauseId.PublishedContainerPort && !SocketActivators.Is(o.Process)).Take(limit),
        ];
    }

    private static IEnumerable<Remedy> WithoutProcess(HeldSocket socket)
    {
        if (socket.State is TcpState.TimeWait or TcpState.FinWait2)
            yield break;
        yield return Remedy.Of("destroy-socket", "Reset the connection; no process is left to close it.",
            $"sudo ss -K -t 'sport = :{socket.Local.Port} and dport = :{socket.Remote.Port}'",
            "the connection is reset at both ends", "data on its way is lost");
    }

    private static Remedy SearchAsRoot(DiagnosisContext f) => f.Snapshot.Caller is { UserId: 0, MayReadEveryProcess: not Fact.No }
        ? Remedy.Of("look-again", "Look at the evidence: no process in /proc shows the socket.", $"bindwise why {f.Argument} --verbose", "nothing", "none")
        : Remedy.Of("ask-as-root", "Ask as root, who sees every process.", $"sudo bindwise why {f.Argument}", "nothing", "none");
}
