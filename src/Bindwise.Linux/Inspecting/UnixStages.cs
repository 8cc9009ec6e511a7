namespace Bindwise.Linux.Inspecting;

/// <summary>UNIX: what stands at the path, and who is bound to it; never a probe, since a bind() makes a file.</summary>
internal static class UnixStages
{
    public static void Run(Inspection inspection)
    {
        inspection.ReadUnix();
        inspection.ReadOwners();
    }
}
