namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Programs that listen on behalf of services.</summary>
internal static class SocketActivators
{
    /// <summary>systemd itself, or a program that listens for others as it does.</summary>
    public static bool Is(ProcessRecord process)
    {
        // comm holds 15 bytes.
        return IsSystemd(process) || process.Name is "systemd-socket-" or "inetd" or "xinetd";
    }

    /// <summary>The system's manager (pid 1), a user's (a child of it), or that of a container.</summary>
    public static bool IsSystemd(ProcessRecord process) =>
        process.Name == "systemd"
            && (process.Id == 1 || process.ParentId == 1
                || process.Executable?.EndsWith("/systemd/systemd", StringComparison.Ordinal) == true);
}
