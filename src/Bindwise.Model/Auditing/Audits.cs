using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Auditing;

internal enum AuditAct : byte
{
    Socket,
    Option,
    Bind,

    /// <summary>It listens on a socket, or changed its backlog.</summary>
    Listen,

    Execute,
}

internal enum AuditEnd : byte
{
    ByItself,

    /// <summary>Ctrl+C, or another signal to the audit.</summary>
    Interrupted,

    TimeOver,

    /// <summary>It goes on: it was only looked at.</summary>
    Running,
}

/// <summary>How much a finding matters.</summary>
internal enum AuditSeverity : byte
{
    /// <summary>Good to know; often as intended.</summary>
    Note,

    /// <summary>A later start, or a connection, may fail by it.</summary>
    Warning,

    /// <summary>The program does not do what it was told.</summary>
    Error,
}

/// <summary>One thing that a program did with a socket, in the order in which it happened.</summary>
internal sealed record AuditEvent
{
    /// <summary>When, since the program's start.</summary>
    public required TimeSpan At { get; init; }

    public required AuditAct Act { get; init; }
    public required int Process { get; init; }
    public int Thread { get; init; }

    /// <summary>What the kernel calls it; any text that the program chose.</summary>
    public string Program { get; init; } = "";

    public Runtime? Language { get; init; }

    /// <summary>The server that it is, where nobody who runs it changes its code (<see cref="PackagedServers"/>).</summary>
    public string? Packaged { get; init; }

    /// <summary>The code that called, where that could be had.</summary>
    public CodePlace? Place { get; init; }

    /// <summary>The socket's cookie (SO_COOKIE), which no other socket gets; 0 where it is not known.</summary>
    public ulong Socket { get; init; }

    /// <summary>Its protocol; null for another, or where it is not known.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>Its address family; null for UNIX.</summary>
    public IpFamily? Family { get; init; }

    public IpEndpoint? Asked { get; init; }

    /// <summary>Where the socket is bound after it.</summary>
    public IpEndpoint? Local { get; init; }

    /// <summary>The path of a UNIX socket, absolute; null for an abstract name and for others.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// The errno's name of a call that failed; null for one that did not, or where <see cref="IsOutcomeKnown"/> is false.
    /// </summary>
    public string? Error { get; init; }

    public bool IsOutcomeKnown { get; init; } = true;
    public string? Option { get; init; }

    /// <summary>The value to which it was set; null where it is no number.</summary>
    public int? Value { get; init; }

    /// <summary>The backlog that listen() asked for.</summary>
    public int? Backlog { get; init; }

    public AuditOptions Options { get; init; }

    /// <summary>The program's other sockets that were open on the port of a bind(), by their cookies.</summary>
    public ImmutableArray<ulong> OpenOnPort { get; init; } = [];

    public string? File { get; init; }
    public ImmutableArray<PassedListener> Inherits { get; init; } = [];

    public bool Succeeded => Error is null && IsOutcomeKnown;
}

internal readonly record struct AuditCodeLine(Runtime Language, CodeSnippet Snippet);

/// <summary>
/// The line of code that each rule's advice comes down to, in the program's language; in C where that is not known, and none for a runtime
/// that has no words here.
/// </summary>
internal static class AuditCode
{
    public static AuditFinding WithCode(this AuditFinding finding, AuditCodeLine? line)
    {
        if (finding.Event is { Packaged: { } server } happened)
            return finding.Rule == AuditRuleBook.WildcardForLoopback
                && PackagedServers.OnLoopback(server, happened.Local?.Port ?? 0) is { } setting
                ? finding with { Advice = $"{finding.Advice} In {server}: {setting}" } : finding;
        if (line is not { } one || RuntimeBook.LanguageOf(one.Language) is null)
            return finding;
        var said = one.Snippet.Said is { } more ? $" {one.Language.Label()} {more}." : "";
        return finding with { Advice = finding.Advice + said, Code = one.Snippet.Code, Language = one.Language };
    }

    public static AuditCodeLine? OfOption(string option, int? value, Runtime? language) => option switch
    {
        "SO_REUSEADDR" => Of(SnippetKind.ReuseAddress, language),
        "SO_REUSEPORT" => Of(SnippetKind.ReusePort, language),
        "IPV6_V6ONLY" => Of(value == 0 ? SnippetKind.ClearV6Only : SnippetKind.SetV6Only, language),
        "IP_BIND_ADDRESS_NO_PORT" => Of(SnippetKind.BindAddressNoPort, language),
        _ => null,
    };

    public static AuditCodeLine OfFile(Runtime? language) => Of(SnippetKind.UnlinkBeforeBind, language);

    // It was seen at an execve(): a fork alone, which the general code is about, is not the cause.
    public static AuditCodeLine OfInheritance(Runtime? language) => language switch
    {
        Runtime.Python => new(Runtime.Python,
            new("sock.set_inheritable(False)", "does this by default, so the cause is set_inheritable(True) or pass_fds=")),
        Runtime.Ruby => new(Runtime.Ruby, new("server.close_on_exec = true")),
        _ => Of(SnippetKind.CloseOnExec, language),
    };

    public static AuditCodeLine OfClosing(Runtime? language) => Of(SnippetKind.CloseLast, language);

    public static AuditCodeLine OfLoopback(Runtime? language) => new(language ?? Runtime.C, language switch
    {
        Runtime.Python => new("sock.bind((\"127.0.0.1\", port))"),
        Runtime.Node => new("server.listen(port, '127.0.0.1');"),
        Runtime.DotNet => new("var listener = new TcpListener(IPAddress.Loopback, port);", "has ListenLocalhost(port) for it in Kestrel"),
        Runtime.Go => new("listener, err := net.Listen(\"tcp\", fmt.Sprintf(\"127.0.0.1:%d\", port))"),
        Runtime.Java => new("var server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());"),
        Runtime.Ruby => new("server = TCPServer.new('127.0.0.1', port)"),
        Runtime.Rust => new("let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;"),
        Runtime.Php => new("$server = stream_socket_server(\"tcp://127.0.0.1:$port\");"),
        _ => new("address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);"),
    });

    public static AuditCodeLine OfKernelsChoice(Runtime? language) => new(language ?? Runtime.C, language switch
    {
        Runtime.Python => new("server = socket.create_server((\"127.0.0.1\", 0))\nport = server.getsockname()[1]"),
        Runtime.Node => new("server.listen(0, '127.0.0.1', () => console.log(server.address().port));"),
        Runtime.DotNet => new("listener.Start();\nvar port = ((IPEndPoint)listener.LocalEndpoint).Port;"),
        Runtime.Go => new("listener, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\nport := listener.Addr().(*net.TCPAddr).Port"),
        Runtime.Java => new("var server = new ServerSocket(0);\nint port = server.getLocalPort();"),
        Runtime.Ruby => new("server = TCPServer.new('127.0.0.1', 0)\nport = server.addr[1]"),
        Runtime.Rust => new("let listener = TcpListener::bind(\"127.0.0.1:0\")?;\nlet port = listener.local_addr()?.port();"),
        Runtime.Php => new("$server = stream_socket_server('tcp://127.0.0.1:0');\n$name = stream_socket_get_name($server, false);"),
        _ => new("bind(fd, address, sizeof *address);  /* sin_port = 0 */\nlisten(fd, SOMAXCONN);\ngetsockname(fd, address, &length);"),
    });

    public static AuditCodeLine? OfError(Runtime? language) =>
        language is null or Runtime.C ? new(Runtime.C, new("if (bind(fd, address, length) != 0) { perror(\"bind\"); exit(1); }")) : null;

    private static AuditCodeLine Of(SnippetKind kind, Runtime? language) =>
        new(language ?? Runtime.C, CodeSnippets.Of(kind, new TargetLanguage(language ?? Runtime.C, language is not null)));
}

internal sealed record CodePlace(string File, ulong Offset, string? Symbol);

/// <summary>A socket's options at the moment of an event; null each where it was not read.</summary>
/// <param name="V6Only">IPV6_V6ONLY; null for IPv4.</param>
/// <param name="AddressWithoutPort">IP_BIND_ADDRESS_NO_PORT.</param>
internal readonly record struct AuditOptions(bool? ReuseAddress, bool? ReusePort, bool? V6Only, bool? AddressWithoutPort);

/// <summary>A listening socket that a program would inherit, as no flag closes it.</summary>
internal sealed record PassedListener(int Descriptor, ulong Socket, IpEndpoint Local);

/// <summary>The connections of a local address and port on which the program listens.</summary>
/// <param name="Seen">How many there were, as far as they were seen.</param>
/// <param name="TimeWaits">How many are in TIME_WAIT on this side, and were not when the audit began.</param>
/// <param name="FirstAt">When the first of them was seen to end; null where none was.</param>
internal sealed record EndedConnections(IpEndpoint Local, int Seen, int TimeWaits, TimeSpan? FirstAt = null);

/// <summary>What the queue of a listening socket was like.</summary>
/// <param name="Limit">How many connections it holds.</param>
/// <param name="Drops">How many segments the kernel dropped for it, for whatever reason; null where that was not told.</param>
internal sealed record QueueTally(ulong Socket, uint Limit, uint Most, uint? Drops);

/// <summary>All that was seen of a program. What is judged is in here: nothing reads the machine after it.</summary>
internal sealed record AuditRecord
{
    /// <summary>What was executed, or the process that was looked at.</summary>
    public required string Command { get; init; }

    /// <summary>The program's own process; 0 where it is not known.</summary>
    public int Process { get; init; }

    /// <summary>Processes of its that still ran when the audit ended them.</summary>
    public ImmutableArray<int> GoingOn { get; init; } = [];

    public ImmutableArray<AuditEvent> Events { get; init; } = [];

    /// <summary>How many events came after those, and were not kept.</summary>
    public int EventsCut { get; init; }

    /// <summary>How many sockets it made of which nothing else was seen, as those of clients.</summary>
    public int OtherSockets { get; init; }

    public HostSettings Settings { get; init; } = new();

    /// <summary>net.core.somaxconn; null where it could not be read.</summary>
    public int? MostBacklog { get; init; }

    /// <summary>The connections on the ports on which it listened.</summary>
    public ImmutableArray<EndedConnections> Connections { get; init; } = [];

    /// <summary>Where other programs listen on those ports: what a more specific address takes, a wildcard does not get.</summary>
    public ImmutableArray<IpEndpoint> OtherListeners { get; init; } = [];

    public ImmutableArray<QueueTally> Queues { get; init; } = [];

    /// <summary>
    /// How often a queue in its network namespace was full while it was watched (ListenOverflows); null where there is nothing to compare.
    /// </summary>
    public long? Overflows { get; init; }

    /// <summary>Where sockets that it had bound connected to, by their cookies.</summary>
    public ImmutableDictionary<ulong, IpEndpoint> Connected { get; init; } = ImmutableDictionary<ulong, IpEndpoint>.Empty;

    /// <summary>When sockets that it had bound were closed, by their cookies.</summary>
    public ImmutableDictionary<ulong, TimeSpan> Closed { get; init; } = ImmutableDictionary<ulong, TimeSpan>.Empty;

    /// <summary>
    /// Where sockets without a remote address were bound in the end, by their cookies: without a bind() of their own the kernel bound them.
    /// </summary>
    public ImmutableDictionary<ulong, IpEndpoint> KernelPorts { get; init; } = ImmutableDictionary<ulong, IpEndpoint>.Empty;

    /// <summary>Files of its UNIX sockets that are still there after its end, and on which nobody listens.</summary>
    public ImmutableArray<string> FilesLeft { get; init; } = [];

    /// <summary>Of a process that was only looked at: its listening sockets that a program which it executes would get.</summary>
    public ImmutableArray<PassedListener> Inheritable { get; init; } = [];

    public TimeSpan Duration { get; init; }
    public AuditEnd End { get; init; }

    /// <summary>What it ended with: the exit code, or 128 and the signal's number; null while it runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What could not be seen, a sentence each.</summary>
    public ImmutableArray<string> Unseen { get; init; } = [];
}

/// <param name="Rule">The rule: one of <see cref="AuditRuleBook"/>.</param>
/// <param name="Message">What was found, one sentence without a stop.</param>
internal sealed record AuditFinding(Rule Rule, AuditSeverity Severity, string Message, string Advice)
{
    /// <summary>
    /// The line of code that does it, in the program's language; lines are parted by line feeds. Null where there is none.
    /// </summary>
    public string? Code { get; init; }

    public Runtime Language { get; init; }

    /// <summary>What it was seen by, a clause each.</summary>
    public ImmutableArray<string> Evidence { get; init; } = [];

    /// <summary>The event that it is about; null for one that is about the end.</summary>
    public AuditEvent? Event { get; init; }

    /// <summary>How often the same was found, as of several workers.</summary>
    public int Count { get; init; } = 1;
}
