using System.Runtime.Versioning;

namespace Bindwise.AspNetCore;

/// <summary>
/// How to bind Kestrel's endpoints. Read from the section <c>Bindwise</c> of the configuration first, then set by code; checked when the
/// host starts.
/// </summary>
public sealed class BindwiseOptions
{
    /// <summary>The section of the configuration that <c>UseBindwise</c> reads.</summary>
    public const string SectionName = "Bindwise";

    /// <summary>
    /// The options of each listening socket. Where <see cref="SocketSettings.V6Only"/> is null, [::] covers IPv4 too, as in Kestrel. Of a
    /// UNIX socket only Backlog and UnixFileMode apply; of TCP all but UnixFileMode.
    /// </summary>
    public SocketSettings Settings { get; set; } = SocketSettings.Default;

    /// <summary>
    /// The options of one endpoint, in place of <see cref="Settings"/>. The key is the port it asks for (<c>443</c>), its address and port
    /// (<c>127.0.0.1:443</c>, <c>[::1]:443</c>; the more exact key wins; not in the configuration, where a colon separates keys), or the
    /// path of a UNIX socket (<c>/run/shop.sock</c>). In the configuration, what an endpoint leaves out comes from <see cref="Settings"/>.
    /// </summary>
    public IDictionary<string, SocketSettings> SettingsByEndpoint { get; } = new Dictionary<string, SocketSettings>(StringComparer.Ordinal);

    /// <summary>
    /// Called with each socket and its endpoint before bind(), for options that <see cref="SocketSettings"/> does not have. Null for none.
    /// To make the sockets yourself, set Kestrel's <c>SocketTransportOptions.CreateBoundListenSocket</c>: it is called for each port that
    /// is tried.
    /// </summary>
    public Action<Socket, EndPoint>? ConfigureSocket { get; set; }

    /// <summary>
    /// How long to wait for an address in use; null: not at all, except a minute for a former instance of this program under <c>dotnet
    /// watch</c>.
    /// </summary>
    public BindRetryOptions? Retry { get; set; }

    /// <summary>
    /// The ports to try, in order, if the one asked for is taken or denied; null for none. For every TCP endpoint whose port is not in
    /// <see cref="FallbackByPort"/> and not 0. What <see cref="Retry"/> waits for comes first.
    /// </summary>
    public PortPolicy? Fallback { get; set; }

    /// <summary>
    /// The same for the endpoints that ask for this port (1 to 65535), in place of <see cref="Fallback"/>; null, or the port itself: none.
    /// </summary>
    public IDictionary<int, PortPolicy?> FallbackByPort { get; } = new Dictionary<int, PortPolicy?>();

    /// <summary>
    /// What to do with sockets that a service manager or a parent process passed: by default <see cref="SocketActivationMode.Matching"/>.
    /// </summary>
    public SocketActivationMode SocketActivation { get; set; } = SocketActivationMode.Matching;

    /// <summary>
    /// The name (FileDescriptorName=, LISTEN_FDNAMES) of the passed socket for the endpoint that asks for this port, wherever the socket is
    /// bound.
    /// </summary>
    public IDictionary<int, string> SocketNames { get; } = new Dictionary<int, string>();

    /// <summary>
    /// What to do if the sockets were passed to another process, for instance to a wrapper script; null: a warning in the log, and the
    /// endpoints bind.
    /// </summary>
    public ListenPidMismatch? ListenPidMismatch { get; set; }

    /// <summary>Which addresses <c>localhost</c> stands for: by default 127.0.0.1, and [::1] if the host has it.</summary>
    public LocalhostFamilies Localhost { get; set; }

    /// <summary>
    /// A file for other programs, with a line <c>PORT ADDRESS</c> for each address: written atomically once the server listens, removed
    /// when it stops. Null for none.
    /// </summary>
    public string? PortFile { get; set; }

    /// <summary>
    /// Whether a failed start says why, which takes a search of the socket table and the processes; false: only the error.
    /// </summary>
    public bool ExplainFailures { get; set; } = true;

    /// <summary>How listening sockets pass from an old instance of the application to a new one.</summary>
    public BindwiseHandOverOptions HandOver { get; } = new();

    /// <summary>
    /// How much of a holder's command line is logged when a start fails; passwords and keys in it are masked. At Debug it is logged in any
    /// case.
    /// </summary>
    public CommandLineDetail CommandLines { get; set; }

    /// <summary>What the configuration had that could not be understood, one sentence each.</summary>
    internal List<string> Faults { get; } = [];
}

/// <summary>Which addresses <c>localhost</c> stands for; both get one port.</summary>
public enum LocalhostFamilies
{
    /// <summary>127.0.0.1, and [::1] if the host has it: as Kestrel does, but always with one port for both.</summary>
    Present,

    /// <summary>127.0.0.1 alone, even if the host has [::1].</summary>
    IPv4Only,
}

/// <summary>
/// How an old and a new instance of the application hand Kestrel's listening sockets over, so that a deployment refuses and resets no
/// connection. Off until <see cref="Path"/> or <see cref="UseDescriptorStore"/> is set. On other systems than Linux a warning is logged,
/// and the endpoints are bound as ever.
/// </summary>
public sealed class BindwiseHandOverOptions
{
    /// <summary>
    /// The UNIX socket at which the instance that serves gives its listening sockets to the next one: a path such as
    /// <c>/run/app/hand-over.sock</c>, or <c>@name</c> for an abstract name. Every instance names the same; only the same user and root are
    /// answered. Null for none.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// How long a new instance waits for the sockets of the old one, which may be handing over to another first; more than zero. As long it
    /// asks again, with growing pauses, whoever closes the connection, refuses, or answers what no instance says.
    /// </summary>
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the start of a new instance fails at once when the old one understands no version of the hand-over's protocol that this one
    /// does. False: it asks again until <see cref="WaitTimeout"/> is over, and binds if the old one has ended by then.
    /// </summary>
    public bool FailOnVersionMismatch { get; set; }

    /// <summary>
    /// How long the old instance waits until the new one has started; then it goes on alone, and the new one's start fails. More than zero.
    /// </summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the old instance keeps connections open that are idle when it accepts no more: whoever has just connected, or is about to
    /// send, gets an answer. In this time HTTP/1.1 answers say <c>Connection: close</c>, and HTTP/2 connections that are used get a GOAWAY.
    /// Zero or more.
    /// </summary>
    public TimeSpan ConnectionGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long requests and WebSockets may take to end after that, in place of <c>HostOptions.ShutdownTimeout</c>; what is left is then
    /// aborted. Null: the host's own (30 s by default).
    /// </summary>
    public TimeSpan? DrainTimeout { get; set; }

    /// <summary>
    /// Gives the service manager the listening sockets to keep for the next start, and takes those that it kept (FDSTORE=1 of sd_notify(3);
    /// the unit needs <c>FileDescriptorStoreMax=</c>). During a <c>systemctl restart</c> connections then wait, and none is refused.
    /// </summary>
    public bool UseDescriptorStore { get; set; }

    [SupportedOSPlatformGuard("linux")]
    internal bool IsOn => IsWanted && IsSupported;

    /// <summary>Whether anything is to be handed over, where the system can do it.</summary>
    internal bool IsWanted => Path is not null || UseDescriptorStore;

    /// <summary>Whether the system can do it; a test may say that it cannot.</summary>
    [SupportedOSPlatformGuard("linux")]
    internal bool IsSupported { get; set; } = OperatingSystem.IsLinux();
}

/// <summary>The keys of <see cref="BindwiseOptions.SettingsByEndpoint"/>, and which settings apply to which kind of endpoint.</summary>
internal static class EndpointSettings
{
    /// <summary>The key is a UNIX path, or an abstract name.</summary>
    public static bool IsUnix(string key) => key.StartsWith('/') || key.StartsWith('@');

    public static bool IsKey(string key) => IsUnix(key) ? key.Length > 1
        : ushort.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port > 0
        : IPEndPoint.TryParse(key, out var endpoint) && endpoint.Port > 0 && endpoint.ToString() == key;

    /// <summary>Of settings for every endpoint those that its kind of socket has.</summary>
    public static SocketSettings Applying(SocketSettings settings, bool isUnix) => isUnix
        ? SocketSettings.Default with { Backlog = settings.Backlog, UnixFileMode = settings.UnixFileMode }
        : settings.UnixFileMode is null ? settings : settings with { UnixFileMode = null };
}
