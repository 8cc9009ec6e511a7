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

    /// <summary>A counter: connections that failed for want of a source port or address.</summary>
    public const string ConnectFailures = "bindwise.connect.failures";

    /// <summary>Observed: the part of an <see cref="OutgoingConnector"/>'s source ports that is used for a destination; 1 is all of them.</summary>
    public const string ConnectPortUsage = "bindwise.connect.port_usage";

    /// <summary>The tag of a failure's cause, as <c>listener</c> or <c>time-wait</c>.</summary>
    public const string CauseTag = "bindwise.cause";

    /// <summary>
    /// The tag of an <see cref="OutgoingConnector"/>: its <see cref="OutgoingOptions.Name"/>; without one <c>#1</c>, <c>#2</c>… up to <c>#64</c>, the lowest number that no
    /// other has, and <c>#other</c> for all beyond those.
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

/// <summary>The ids of the events that the packages log in the category <see cref="Category"/>. An event's name is the constant's.</summary>
public static class BindLogEvents
{
    /// <summary>The category of all events.</summary>
    public const string Category = "Bindwise";

    /// <summary>Warning: an endpoint got another port than the one asked for.</summary>
    public const int FellBack = 1;

    /// <summary>Information: an endpoint or a listener listens on a socket that was passed to this process.</summary>
    public const int TookOver = 2;

    /// <summary>Warning: no endpoint uses a socket that was passed.</summary>
    public const int Unused = 3;

    /// <summary>Information: passed sockets take the place of a URL.</summary>
    public const int UrlSuperseded = 4;

    /// <summary>Warning: the port file cannot be removed.</summary>
    public const int PortFileStays = 5;

    /// <summary>Warning: this version of Kestrel does not show its endpoints.</summary>
    public const int EndpointsHidden = 6;

    /// <summary>Error: a start failed because something cannot be bound.</summary>
    public const int CannotBind = 7;

    /// <summary>Warning: a socket was passed, and the start failed without it.</summary>
    public const int PassedSocketIgnored = 8;

    /// <summary>Information: the start waits for an address in use.</summary>
    public const int WaitingForAddress = 9;

    /// <summary>Debug: the whole diagnosis of a failed start.</summary>
    public const int Explains = 10;

    /// <summary>Warning: sockets were passed and are not used.</summary>
    public const int NotTaken = 11;

    /// <summary>Information: listening sockets of an old instance were taken over.</summary>
    public const int SocketsReceived = 12;

    /// <summary>Information: a new instance has the listening sockets; this one finishes its connections.</summary>
    public const int HandedOver = 13;

    /// <summary>Warning: a hand-over failed; this instance serves on.</summary>
    public const int HandOverFailed = 14;

    /// <summary>Warning: a socket that was taken over has other options than the endpoint asks for.</summary>
    public const int SocketsDiffer = 15;

    /// <summary>Error: the old instance waits no more for this one, which stops.</summary>
    public const int HandOverNotReady = 16;

    /// <summary>Warning: the options ask for hand-overs, which need Linux; the endpoints are bound as ever.</summary>
    public const int HandOverUnsupported = 17;
}
