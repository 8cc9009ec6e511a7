namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// Supervisors: each runs programs, starts them again when they end, and is told by their names which of them to stop. One of them may hold
/// a socket itself, for what it runs: PM2 in cluster mode, supervisord for a program of FastCGI.
/// </summary>
internal static class Supervisors
{
    /// <summary>So many programs of one supervisor are named in a command.</summary>
    private const int MostNamed = 8;

    /// <summary>Which one a process is; null for any other program.</summary>
    public static ToolKind? KindOf(ProcessRecord process) => process.Name switch
    {
        "supervisord" => ToolKind.Supervisord,
        "runsv" => ToolKind.Runit,
        "s6-supervise" => ToolKind.S6,
        "supervise" => ToolKind.Daemontools,
        // comm holds 15 bytes.
        "supervise-daemo" => ToolKind.OpenRc,
        _ when process.Name.StartsWith("PM2 ", StringComparison.Ordinal) => ToolKind.Pm2,
        // In the foreground, as in a container, it keeps the name of the command.
        _ => ScriptNames.Run(process) is "pm2-runtime" or "pm2-docker" ? ToolKind.Pm2 : null,
    };

    /// <summary>It runs several programs, or listens for them, all of which would end with it.</summary>
    public static bool ServeSeveral(ProcessRecord process) => SocketActivators.ServeSeveral(process) || KindOf(process) is not null;

    /// <summary>What it is called where it is typed.</summary>
    public static string NameOf(ToolKind kind) => kind switch
    {
        ToolKind.Supervisord => "supervisord",
        ToolKind.Pm2 => "pm2",
        ToolKind.Runit => "runsv",
        ToolKind.S6 => "s6-supervise",
        ToolKind.Daemontools => "supervise",
        _ => "supervise-daemon",
    };

    /// <summary>The supervisor that runs a process, or that it is itself; null for none.</summary>
    public static StartingTool? Of(ProcessProvenance? origin) =>
        origin?.Tool is { Kind: not (ToolKind.Runner or ToolKind.Watcher) } tool ? tool : null;

    /// <summary>
    /// The names under which the holders of one socket are run by a supervisor; empty where they are not known, or too many to tell.
    /// </summary>
    public static ImmutableArray<string> ServicesOf(StartingTool supervisor, IEnumerable<Owner> owners)
    {
        ImmutableArray<string> services = supervisor.Service is { } own ? [own]
            : [.. owners.Select(static owner => Of(owner.StartedFrom)).Where(tool => tool?.ProcessId == supervisor.ProcessId)
                .Select(static tool => tool!.Service).OfType<string>().Distinct(StringComparer.Ordinal)];
        return services.Length <= MostNamed ? services : [];
    }

    /// <summary>
    /// How a socket is let go of by which the supervisor itself takes its orders, a sentence; null for any other socket.
    /// </summary>
    public static string? OwnSocket(StartingTool supervisor, Blocker? held, ImmutableArray<Owner> owners) =>
        owners is not [{ Process: var only }] || only.Id != supervisor.ProcessId ? null : supervisor.Kind switch
        {
            ToolKind.Supervisord => "supervisord itself listens there, for supervisorctl: take [inet_http_server] or [unix_http_server] "
                + "out of its configuration, and start it again.",
            ToolKind.Pm2 when held?.Socket.Path is { } path && (path.EndsWith("/rpc.sock", StringComparison.Ordinal)
                || path.EndsWith("/pub.sock", StringComparison.Ordinal)) =>
                "PM2 itself listens there, for its command: pm2 kill ends it, with every app that it runs.",
            _ => null,
        };
}
