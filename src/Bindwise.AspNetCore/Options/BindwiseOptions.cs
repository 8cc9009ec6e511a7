namespace Bindwise.AspNetCore;

/// <summary>
/// How Kestrel's endpoints are bound. Read from the section <c>Bindwise</c> of the configuration first, then set by code; checked when the
/// host starts.
/// </summary>
public sealed class BindwiseOptions
{
    /// <summary>The section of the configuration that is read.</summary>
    public const string SectionName = "Bindwise";

    /// <summary>The options of each listening socket. Where <see cref="SocketSettings.V6Only"/> is null, [::] covers IPv4 too, as Kestrel has it.</summary>
    public SocketSettings Settings { get; set; } = SocketSettings.Default;

    /// <summary>How long an address in use is waited for; null: not at all, and a minute for a former instance of this program under <c>dotnet watch</c>.</summary>
    public RetryPolicy? Retry { get; set; }

    /// <summary>
    /// The ports that are tried, in their order, when the one asked for is in use; null for none. For every TCP endpoint whose port is not in
    /// <see cref="FallbackByPort"/> and not 0. What <see cref="Retry"/> waits for is waited for first.
    /// </summary>
    public PortPolicy? Fallback { get; set; }

    /// <summary>The same for the endpoints that ask for this port (1 to 65535), in place of <see cref="Fallback"/>; the port itself as its policy: none.</summary>
    public IDictionary<int, PortPolicy> FallbackByPort { get; } = new Dictionary<int, PortPolicy>();

    /// <summary>What becomes of sockets that a service manager or a parent process passed.</summary>
    public InheritedUse Inherited { get; set; }

    /// <summary>The name (FileDescriptorName=, LISTEN_FDNAMES) of the passed socket for the endpoint that asks for this port, wherever the socket is bound.</summary>
    public IDictionary<int, string> InheritedNames { get; } = new Dictionary<int, string>();

    /// <summary>What to do when the sockets were passed to another process than this one, as behind a wrapper script.</summary>
    public BehindWrapper BehindWrapper { get; set; }

    /// <summary>Which addresses <c>localhost</c> stands for.</summary>
    public LocalhostFamilies Localhost { get; set; }

    /// <summary>
    /// A file for other programs, with a line <c>PORT ADDRESS</c> for each address: written in one step when the server listens, removed when
    /// it stops. Null for none.
    /// </summary>
    public string? PortFile { get; set; }

    /// <summary>A failed start says why, which costs a search of the socket table and the processes; false: only the error.</summary>
    public bool ExplainFailures { get; set; } = true;

    /// <summary>What the configuration had that could not be understood, one sentence each.</summary>
    internal List<string> Faults { get; } = [];
}
