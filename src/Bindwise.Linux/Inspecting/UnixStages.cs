namespace Bindwise.Linux.Inspecting;

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
