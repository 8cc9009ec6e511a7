using System.Net;
using System.Net.Sockets;
using Bindwise.Extensions.Hosting;

namespace Bindwise.AspNetCore;

/// <summary>
/// How to bind Kestrel's endpoints. Read from the section <c>Bindwise</c> of the configuration first, then set by code; checked when the
/// host starts.
/// </summary>
public sealed class BindwiseOptions
{
    /// <summary>The section of the configuration that <c>UseBindwise</c> reads.</summary>
    public const string SectionName = "Bindwise";

    private SocketActivationMode? _socketActivation;

    /// <summary>
    /// The options of each listening socket. Where <see cref="SocketSettings.V6Only"/> is null, [::] covers IPv4 too, as in Kestrel. Of a
    /// UNIX socket only Backlog and UnixFileMode apply; of TCP all but UnixFileMode.
    /// </summary>
    public SocketSettings Settings { get; set; } = SocketSettings.Default;

    /// <summary>
    /// The options of one endpoint, in place of <see cref="Settings"/>. The key is the port it asks for (<c>443</c>), its address and port
    /// (<c>127.0.0.1:443</c>, <c>[::1]:443</c>; the more exact key wins; not in the configuration, where a colon separates keys), or the
    /// path of a
    /// UNIX socket (<c>/run/shop.sock</c>). In the configuration, what an endpoint leaves out comes from <see cref="Settings"/>.
    /// </summary>
    public IDictionary<string, SocketSettings> SettingsByEndpoint { get; } = new Dictionary<string, SocketSettings>(StringComparer.Ordinal);

    /// <summary>
    /// Called with each socket and its endpoint before bind(), for options that <see cref="SocketSettings"/> does not have. Null for none.
    /// To make
    /// the sockets yourself, set Kestrel's <c>SocketTransportOptions.CreateBoundListenSocket</c>: it is called for each port that is tried.
    /// </summary>
    public Action<Socket, EndPoint>? ConfigureSocket { get; set; }

    /// <summary>
    /// How long to wait for an address in use; null: not at all, except a minute for a former
    /// instance of this program under <c>dotnet watch</c>.
    /// </summary>
    public BindRetryOptions? Retry { get; set; }

    /// <summary>
    /// The ports to try, in order, if the one asked for is in use; null for none. For every TCP endpoint whose port is not in
    /// <see cref="FallbackByPort"/> and not 0. What <see cref="Retry"/> waits for comes first.
    /// </summary>
    public PortPolicy? Fallback { get; set; }

    /// <summary>
    /// The same for the endpoints that ask for this port (1 to 65535), in place of <see cref="Fallback"/>; null, or the port itself: none.
    /// </summary>
    public IDictionary<int, PortPolicy?> FallbackByPort { get; } = new Dictionary<int, PortPolicy?>();

    /// <summary>
    /// What to do with sockets that a service manager or a parent process passed. By default <see cref="SocketActivationMode.Matching"/>,
    /// except that sockets that were passed to another process are left alone with a warning; what you set yourself refuses them, as
    /// <see cref="ListenPidMismatch"/> says.
    /// </summary>
    public SocketActivationMode SocketActivation
    {
        get => _socketActivation ?? SocketActivationMode.Matching;
        set => _socketActivation = value;
    }

    /// <summary>
    /// The name (FileDescriptorName=, LISTEN_FDNAMES) of the passed socket for the endpoint that asks
    /// for this port, wherever the socket is bound.
    /// </summary>
    public IDictionary<int, string> SocketNames { get; } = new Dictionary<int, string>();

    /// <summary>What to do if the sockets were passed to another process, for instance to a wrapper script.</summary>
    public ListenPidMismatch ListenPidMismatch { get; set; }

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
    /// How much of a holder's command line is logged when a start fails; passwords and keys in it
    /// are masked. At Debug it is logged in any case.
    /// </summary>
    public CommandLineDetail CommandLines { get; set; }

    /// <summary>Nobody has set <see cref="SocketActivation"/>.</summary>
    internal bool IsActivationByDefault => _socketActivation is null;

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
