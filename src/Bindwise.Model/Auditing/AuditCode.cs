using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Auditing;

/// <summary>What a program is written for, as far as its file and its command line tell.</summary>
internal static class ProgramLanguage
{
    /// <summary>The language; null where neither is known.</summary>
    public static Runtime? Of(ProcessRecord process) => RuntimeSigns.Of(process);
}

internal readonly record struct AuditCodeLine(Runtime Language, CodeSnippet Snippet);

/// <summary>The line of code that each rule's advice comes down to, in the program's language; in C where that is not known.</summary>
internal static class AuditCode
{
    public static AuditFinding WithCode(this AuditFinding finding, AuditCodeLine? line)
    {
        if (line is not { } one)
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

    public static AuditCodeLine OfInheritance(Runtime? language) => Of(SnippetKind.CloseOnExec, language);

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
