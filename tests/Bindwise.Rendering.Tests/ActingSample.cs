namespace Bindwise.Rendering.Tests;

/// <summary>An answer for another program, whose port is held in yet another network namespace.</summary>
internal static class ActingSample
{
    private const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly ProcessRecord Proxy = new()
    {
        Id = 4242,
        Name = "nginx",
        Arguments = ["nginx: master process nginx -g daemon off;"],
        Container = Container,
        State = 'S',
        UserId = 0,
        UserName = "root",
    };

    private static readonly ProcessRecord Web = new() { Id = 123, Name = "web\u202e", Arguments = ["/srv/web", "--port", "8080"], State = 'S' };

    public static Diagnosis Program { get; } = new()
    {
        Target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 },
        Port = 8080,
        Verdict = Verdict.Free,
        Cause = Cause.Free,
        Rule = RuleBook.NothingInTheWay,
        Summary = "8080/tcp is free: 0.0.0.0 and [::] can be bound and listened on.",
        As = new Subject
        {
            Asked = "--container web",
            UserId = 33,
            UserName = "www-data",
            IsUserTold = true,
            MayBindPrivilegedPorts = Fact.Yes,
            Capabilities = 0x400,
            Process = Proxy,
            Container = Container,
            ContainerName = "web",
            NetworkNamespace = 4026532518,
            IsOtherNetwork = true,
            NetworkName = "pid 4242",
            NetworkPath = "/proc/4242/ns/net",
        },
        Elsewhere =
        [
            new ElsewhereRecord
            {
                Socket = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Local = new IpEndpoint(IpAddress.LoopbackIPv4, 8080), Inode = 9 },
                NetworkNamespace = 4026532599,
                NetworkName = "blue",
                Process = Web,
                IsHolder = true,
            },
        ],
        Warnings = [new Remark
        {
            Id = "held-elsewhere",
            Text = "127.0.0.1:8080 is held in another network namespace (blue, web\u202e, pid 123): it does not block here.",
        }],
        TakenAt = Samples.TakenAt,
    };
}
