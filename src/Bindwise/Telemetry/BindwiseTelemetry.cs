namespace Bindwise;

/// <summary>The names of what the packages measure, for <c>AddMeter</c> and for queries. docs/telemetry.md describes each.</summary>
public static class BindwiseTelemetry
{
    /// <summary>The meter of all instruments.</summary>
    public const string MeterName = "Bindwise";

    /// <summary>The version of the meter and of the source of activities: that of the package, such as <c>0.1.0</c>.</summary>
    public static string Version => PackageVersion.Text;

    /// <summary>A counter: listeners bound.</summary>
    public const string Binds = "bindwise.binds";

    /// <summary>A counter: binds that finally failed, with the tag <see cref="CauseTag"/>.</summary>
    public const string BindFailures = "bindwise.bind.failures";

    /// <summary>A counter: bind attempts after the first.</summary>
    public const string BindRetries = "bindwise.bind.retries";

    /// <summary>
    /// A counter: failed binds of the host's programs while <see cref="PortEvents"/> are followed, with the tag <see cref="CauseTag"/>,
    /// <c>unknown</c> where the cause is not known.
    /// </summary>
    public const string HostBindFailures = "bindwise.host.bind.failures";

    /// <summary>Observed: listening TCP sockets in the network namespace.</summary>
    public const string Listeners = "bindwise.listeners";

    /// <summary>Observed: TCP sockets in TIME_WAIT in the network namespace.</summary>
    public const string TimeWait = "bindwise.time_wait";

    /// <summary>Observed: ephemeral ports used by a TCP socket.</summary>
    public const string EphemeralUsage = "bindwise.ephemeral.usage";

    /// <summary>Observed: ports in the ephemeral range.</summary>
    public const string EphemeralLimit = "bindwise.ephemeral.limit";

    /// <summary>A counter: connections that an <see cref="OutgoingConnector"/> opened.</summary>
    public const string Connects = "bindwise.connects";

    /// <summary>A counter: connections that failed for want of a source port or of a source that was given.</summary>
    public const string ConnectFailures = "bindwise.connect.failures";

    /// <summary>
    /// Observed: the part of an <see cref="OutgoingConnector"/>'s source ports that is used for a destination; 1 is all of them.
    /// </summary>
    public const string ConnectPortUsage = "bindwise.connect.port_usage";

    /// <summary>The tag of a failure's cause, as <c>listener</c> or <c>time-wait</c>.</summary>
    public const string CauseTag = "bindwise.cause";

    /// <summary>
    /// The tag of an <see cref="OutgoingConnector"/>: its <see cref="OutgoingOptions.Name"/>; without one <c>#1</c>, <c>#2</c>… up to
    /// <c>#64</c>, the lowest number that no other has, and <c>#other</c> for all beyond those.
    /// </summary>
    public const string ConnectorTag = "bindwise.connector";

    /// <summary>The tag of the number of attempts, if there was more than one.</summary>
    public const string AttemptsTag = "bindwise.attempts";

    /// <summary>The tag of an error as the system names it, as <c>EADDRINUSE</c> (OpenTelemetry's <c>error.type</c>).</summary>
    public const string ErrorTag = "error.type";

    /// <summary>The tag of an address, or of a UNIX socket's path (OpenTelemetry's <c>server.address</c>).</summary>
    public const string AddressTag = "server.address";

    /// <summary>The tag of a port (OpenTelemetry's <c>server.port</c>).</summary>
    public const string PortTag = "server.port";

    /// <summary>The tag of the transport: <c>tcp</c>, <c>udp</c> or <c>unix</c> (OpenTelemetry's <c>network.transport</c>).</summary>
    public const string TransportTag = "network.transport";

    /// <summary>The tag of the family: <c>ipv4</c> or <c>ipv6</c> (OpenTelemetry's <c>network.type</c>).</summary>
    public const string FamilyTag = "network.type";

    /// <summary>The source of all activities, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "Bindwise";

    /// <summary>An activity: a bind, from the first attempt to the last, its diagnosis included.</summary>
    public const string BindActivity = "bind";

    /// <summary>An activity: a connect of an <see cref="OutgoingConnector"/>.</summary>
    public const string ConnectActivity = "connect";
}

/// <summary>OpenTelemetry's activities of sockets. Nothing is made, and nothing allocated, while nobody listens to the source.</summary>
internal static class SocketActivities
{
    private static readonly ActivitySource Source = new(BindwiseTelemetry.ActivitySourceName, BindwiseTelemetry.Version);

    public static bool HasSourceListeners => Source.HasListeners();

    /// <summary>Begins one; null if nobody wants it.</summary>
    public static Activity? Start(string name, ActivityKind kind) => Source.StartActivity(name, kind);

    public static void SetAddress(Activity activity, IPAddress address)
    {
        activity.SetTag(BindwiseTelemetry.AddressTag, address.ToString());
        activity.SetTag(BindwiseTelemetry.FamilyTag, address.AddressFamily == AddressFamily.InterNetwork ? "ipv4" : "ipv6");
    }

    public static void Failed(Activity activity, Exception exception, string? error, Diagnosis? diagnosis)
    {
        activity.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity.SetTag(BindwiseTelemetry.ErrorTag, error ?? exception.GetType().FullName);
        if (diagnosis is not null)
            activity.SetTag(BindwiseTelemetry.CauseTag, diagnosis.Cause.Id());
    }
}
