using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// TCP, cheap first: listeners of the port, then every state of it, and whether anything but a socket refuses; and only
/// when something is in the way its owners and their options, and the probes that the rules still leave open.
/// </summary>
internal static class TcpStages
{
    public static void Run(Inspection inspection)
    {
        if (inspection.Plan.Port == 0)
            PortZeroStages.Run(inspection);
        else
            StableLook.Run(inspection, LookOnce);
    }

    private static bool LookOnce(Inspection inspection, bool isLast)
    {
        inspection.ReadListeners();
        // Whoever looks at a descriptor holds its socket for an instant, in which a server that starts again and again would fail.
        if (inspection.IsAnythingRefused && !inspection.HasPortChanged())
            inspection.BeginOwners();
        inspection.ReadAllStates();
        if (StableLook.IsConfirmedFree(inspection))
        {
            // A listener beside it does not block, and may yet get the traffic: say whose it is.
            if (inspection.Snapshot.Sockets.Any(static s => s.State == TcpState.Listen) && !inspection.HasPortChanged())
                inspection.ReadOwners();
            inspection.EndOwners();
            return true;
        }
        if (inspection.HasPortChanged())
            return StableLook.LookAgain(inspection, isLast);
        inspection.ReadOwners();
        inspection.ReadOptions();
        return StableLook.Settle(inspection, isLast);
    }
}

/// <summary>UDP: the port's sockets in the kernel's order, and a plain bind where they leave the answer open.</summary>
internal static class UdpStages
{
    public static void Run(Inspection inspection)
    {
        if (inspection.Plan.Port == 0)
            PortZeroStages.Run(inspection);
        else
            StableLook.Run(inspection, LookOnce);
    }

    private static bool LookOnce(Inspection inspection, bool isLast)
    {
        inspection.ReadUdp();
        _ = StableLook.IsConfirmedFree(inspection);
        if (inspection.HasPortChanged())
            return StableLook.LookAgain(inspection, isLast);
        inspection.ReadOwners();
        inspection.ReadOptions();
        return StableLook.Settle(inspection, isLast);
    }
}

/// <summary>UNIX: what stands at the path, and who is bound to it; never a probe, since a bind() makes a file. Whether a file that nobody here is bound to is a dead one, connect() tells.</summary>
internal static class UnixStages
{
    public static void Run(Inspection inspection)
    {
        inspection.ReadUnix();
        inspection.ReadUnixServer();
        inspection.ReadOwners();
    }
}

/// <summary>Port 0: one bind() tells; only when it fails, or when it is about connect(), who uses up the range.</summary>
internal static class PortZeroStages
{
    public static void Run(Inspection inspection)
    {
        var questions = ProbePlan.Confirming(inspection.Plan, inspection.Snapshot);
        if (inspection.Probe(questions) && !inspection.Everything && inspection.Plan.Destinations.IsEmpty)
            return;
        inspection.ReadEphemeralUse();
        inspection.Probe(ProbePlan.Open(inspection.Plan, inspection.Snapshot));
    }
}

/// <summary>Where the socket table cannot be read: what the probe alone tells.</summary>
internal static class BlindStages
{
    public static void Run(Inspection inspection)
    {
        using (inspection.LockProbe())
        {
            inspection.Probe(ProbePlan.Confirming(inspection.Plan, inspection.Snapshot));
            inspection.Probe(ProbePlan.Open(inspection.Plan, inspection.Snapshot));
        }
    }
}
