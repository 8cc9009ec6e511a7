using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Fleet;
using Bindwise.Dashboard.Metrics;
using Bindwise.Dashboard.Watching;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Dashboard.Serving;

/// <summary>What the endpoints share: one of each for the server, whoever asks.</summary>
internal sealed class DashboardServices : IDisposable
{
    private readonly OtlpExport? _otlp;

    /// <summary>Sets it up; nothing is read or started yet.</summary>
    /// <param name="report">Is given what whoever runs the server has to know, a line each.</param>
    public DashboardServices(ServeSettings settings, AccessRules access, Action<string> report)
    {
        (Settings, Access) = (settings, access);
        Host = new HostWatch(settings.MetricsTop, Ending.Token);
        var exports = settings.Otlp is { } receiver ? new ExportWatch(receiver, report, TimeProvider.System) : null;
        Metrics = new MetricsSource(Host, settings.MetricsTop, settings.HasAllNamespaces, settings.Version) { Exports = exports };
        _otlp = exports is not null ? new OtlpExport(Metrics, exports, settings.MetricsTop) : null;
        Fleet = settings.Prometheus is { } address ? new FleetSource(new PrometheusClient(address), TimeProvider.System) : null;
    }

    public ServeSettings Settings { get; }
    public required ImmutableArray<ApiRoute> Routes { get; init; }

    public AccessRules Access { get; }
    public TokenGuesses Guesses { get; } = new();

    /// <summary>Is cancelled when the server ends: what lives long, as a stream, ends at once.</summary>
    public CancellationTokenSource Ending { get; } = new();

    /// <summary>The host's looks and events: the one source for all clients.</summary>
    public HostWatch Host { get; }

    public MetricsSource Metrics { get; }

    /// <summary>The fleet; null without a Prometheus.</summary>
    public FleetSource? Fleet { get; }

    /// <summary>Work that reads the machine: a few at a time.</summary>
    public ReadLimiter ReadLimiter { get; } = new(mostAtOnce: 4);

    /// <summary>Work that computes, as a scenario that is played: it leaves a processor to the rest.</summary>
    public ReadLimiter Models { get; } = new(mostAtOnce: 1);

    /// <summary>Plans of <c>free</c> that were shown.</summary>
    public PreparedReleases Releases { get; } = new();

    /// <summary>Whether ports are freed for whom a connection with the token, or without one that is asked for, comes from.</summary>
    public bool MayAct(ConnectionInfo connection) =>
        Settings.AllowsActions && (Access.Token is not null || ActingUsers.Include(connection));

    public void Dispose()
    {
        Ending.Cancel();
        _otlp?.Dispose();
        Host.Dispose();
        Metrics.Dispose();
        ReadLimiter.Dispose();
        Models.Dispose();
        Releases.Dispose();
        Guesses.Dispose();
        Fleet?.Dispose();
        Ending.Dispose();
    }
}

/// <summary>
/// Who may free ports where no token is asked for: root, the user whose process this is, and who started it by sudo. Otherwise every user
/// of the host could end what this process may end. Whose a request is the kernel tells by the client's socket (sock_diag(7)).
/// </summary>
internal static class ActingUsers
{
    private static readonly uint? Starter = uint.TryParse(Environment.GetEnvironmentVariable("SUDO_UID"), NumberStyles.None,
        CultureInfo.InvariantCulture, out var user) ? user : null;

    /// <summary>Whether the request that came by a connection is one of theirs; false where the kernel does not tell.</summary>
    public static bool Include(ConnectionInfo connection) =>
        UserOf(connection) is { } user && (user == 0 || user == EffectiveIds.User() || user == Starter);

    private static uint? UserOf(ConnectionInfo connection)
    {
        if (connection is not { LocalIpAddress: { } here, RemoteIpAddress: { } there }
            || SockDiagClient.TryOpen(out var kernel) != Errno.None)
            return null;
        using (kernel)
        {
            return kernel!.ReadConnection(new HeldSocket
            {
                Protocol = Protocol.Tcp,
                State = TcpSocketState.Established,
                Local = new IpEndpoint(IpAddress.FromBytes(there.GetAddressBytes()), (ushort)connection.RemotePort),
                Remote = new IpEndpoint(IpAddress.FromBytes(here.GetAddressBytes()), (ushort)connection.LocalPort),
                DeviceIndex = MirrorSearch.Loopback,
            })?.UserId;
        }
    }
}
