namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Programs that listen on behalf of services.</summary>
internal static class SocketActivators
{
    /// <summary>systemd itself, or a program that listens for others as it does.</summary>
    public static bool Is(ProcessRecord process) =>
        // comm holds 15 bytes.
        IsSystemd(process) || process.Name is "systemd-socket-" or "inetd" or "xinetd";

    /// <summary>It listens for several services, all of which its end would close.</summary>
    public static bool ServeSeveral(ProcessRecord process) => IsSystemd(process) || Closing(process) is not null;

    /// <summary>
    /// How one service is closed without the others, a sentence without its stop; null for systemd, which has units, and for any other
    /// program.
    /// </summary>
    public static string? Closing(ProcessRecord process)
    {
        var again = $"kill -HUP {Wording.Number(process.Id)}";
        return process.Name switch
        {
            "inetd" or "inetutils-inetd" => $"Take its line out of /etc/inetd.conf, and have {process.Name} read that again: {again}",
            "xinetd" => $"Disable it in /etc/xinetd.d, and have xinetd read that again: {again}",
            "circusd" => "Take the socket out of circusd's configuration, and start circusd again: it keeps its sockets as long as it runs",
            _ => null,
        };
    }

    /// <summary>The system's manager (pid 1), a user's (a child of it), or that of a container.</summary>
    public static bool IsSystemd(ProcessRecord process) =>
        process.Name == "systemd"
            && (process.Id == 1 || process.ParentId == 1
                || process.Executable?.EndsWith("/systemd/systemd", StringComparison.Ordinal) == true);
}
