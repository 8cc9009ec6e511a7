namespace Bindwise.Linux.Inspecting;

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
