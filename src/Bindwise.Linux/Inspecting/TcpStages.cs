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
