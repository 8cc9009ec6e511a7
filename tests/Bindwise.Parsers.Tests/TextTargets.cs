using System.Text;
using Bindwise.Cli.CommandLine;
using Bindwise.Lab.Reading;
using Bindwise.Model.Addresses;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Kernels;
using Bindwise.Model.Platforms.Matrices;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Secrets;
using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Errors;
using Bindwise.Rendering.Saving;

namespace Bindwise.Parsers.Tests;

/// <summary>What people type, paste and hand over: targets, error texts, scenarios, claims, snapshots.</summary>
internal static class TextTargets
{
    public static IEnumerable<ParserTarget> All =>
    [
        ParserTarget.OfText("target", static text => TargetParser.ParseAll(text), Target),
        ParserTarget.OfText("error text", static text => ErrorTextReader.ReadAll(text), Errors),
        ParserTarget.OfBytes("pasted text", static bytes => PastedInput.Read(new MemoryStream(bytes)), [.. Errors.Select(Encoding.UTF8.GetBytes), Encoding.Unicode.GetPreamble(), [0xff, 0xfe, 0x38, 0x00]]),
        ParserTarget.OfText("address", static text => _ = IpAddress.TryParse(text, out _), "127.0.0.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.7", "0x7f.1", "2001:db8:0:0:0:0:0:1"),
        ParserTarget.OfText("abstract name", static text => AbstractName.Read(text), "@app", "@a\\x00b", "@a\\xffb\\\\c"),
        ParserTarget.OfText("scenario", static text => ScenarioFile.Parse(text), Scenario),
        ParserTarget.OfText("bind text", static text => BindText.Parse(text), Scenario),
        ParserTarget.OfLines("scenario as JSON", static bytes => ScenarioJson.Parse(bytes), Json),
        ParserTarget.OfBytes("scenario documents", static bytes => _ = ScenarioDocuments.Read(new MemoryStream(bytes)).Count(), [.. Scenario.Select(Encoding.UTF8.GetBytes), Encoding.UTF8.GetBytes(Json + "\n\n" + Json)]),
        ParserTarget.OfText("claim", static text => ClaimText.Parse(text), Claim),
        ParserTarget.OfText("kernel range", static text => _ = KernelRange.TryParse(text, out _), "4.19-6.18", "6.1+", "-5.4"),
        ParserTarget.OfText("matrix socket", static text => MatrixSpec.Read(text), "tcp reuseaddr 0.0.0.0 listen", "udp reuseport [::] v6only", "tcp 127.0.0.1"),
        ParserTarget.OfBytes("snapshot", static bytes => SnapshotFile.Read(bytes), Snapshot(), [.. """{"schema":"bindwise.snapshot/2"}"""u8]),
        ParserTarget.OfText("command line to mask", static text => SecretMask.Of([.. text.Split('\n')]),
            "curl\n-u\njoe:pw\n-H\nAuthorization: Bearer x\nhttps://joe:pw@h/?sig=abc", "sh\n-c\necho pw | sudo -S id; PGPASSWORD='x y' psql -c \"ALTER USER j PASSWORD 'x'\"",
            "app\n{\"password\":\"x\",\"a\":[1,2],\"k\":\"-----BEGIN PRIVATE KEY-----\\nx\"}\n--dsn=u:p@tcp(h:1)/d", "mysql -psecret -u root --password=x title", "redis-cli\n-a\npw\nauth\ndefault\nx"),
    ];

    private static readonly string[] Target =
    [
        "8080", ":8080", "0.0.0.0:8080", "[::1]:443", "[fe80::1%eth0]:80/udp", "localhost:http", "http://joe:pw@localhost:8080/x?y#z", "/run/app.sock", "unix:/run/a.sock", "@abstract", "53/udp", "8000-8010",
        "127.1:80", "http://unix:/run/a.sock:/x", ":::3000",
    ];

    private static readonly string[] Errors =
    [
        "Error: listen EADDRINUSE: address already in use :::3000\n    at Server.setupListenHandle [as _listen2] (node:net:1463:16)\n",
        "OSError: [Errno 98] Address already in use: ('0.0.0.0', 8000)\n  File \"/usr/lib/python3.11/socketserver.py\", line 456, in __init__\n",
        "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
        "java.net.BindException: Address already in use (Bind failed)\n\tat java.base/java.net.PlainSocketImpl.socketBind(Native Method)\nWeb server failed to start. Port 8080 was already in use.",
        "System.IO.IOException: Failed to bind to address http://127.0.0.1:5000: address already in use.\n ---> Microsoft.AspNetCore.Connections.AddressInUseException: Address already in use",
        "listen tcp 0.0.0.0:8080: bind: address already in use",
        "docker: Error response from daemon: driver failed programming external connectivity on endpoint web (0f9e): Bind for 0.0.0.0:80 failed: port is already allocated.",
        "thread 'main' panicked at src/main.rs:5:10: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }",
        "{\"level\":\"fatal\",\"err\":{\"code\":\"EADDRINUSE\",\"address\":\"::\",\"port\":3000}}",
        "bind: 地址已在使用 127.0.0.1:80",
    ];

    private static readonly string[] Scenario =
    [
        Repository.Read("scenarios/restart-over-time-wait.bind"), Repository.Read("scenarios/dual-stack.bind"), Repository.Read("scenarios/ghost.bind"),
        "a = tcp 127.0.0.1:8080 listen   -> ok\nb = tcp 127.0.0.2:8080          -> ok\nc = tcp 0.0.0.0:8080            -> EADDRINUSE  BW004 by a\n",
        "l = tcp 127.0.0.1:9090 listen; c = tcp 127.0.0.1:8080 connect l; s = accept l; close l; close c -> ok BW083; close s -> ok BW081",
    ];

    private static readonly string[] Claim = [Repository.Read("scenarios/claims/any-socket-unreleased.bind"), Repository.Read("scenarios/claims/bind-64k.bind")];

    private const string Json = """
        {"name":"all","platform":"linux","steps":[{"op":"open","socket":"a","protocol":"tcp","family":"ipv6"},{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1},{"op":"bind","socket":"a","address":"::","port":8000},{"op":"listen","socket":"a"},{"op":"connect","socket":"c","address":"127.0.0.1","port":8000},{"op":"accept","socket":"a","as":"s"},{"op":"send","socket":"c","bytes":100},{"op":"shutdown","socket":"c","how":"write"},{"op":"wait","seconds":66},{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0"},{"op":"expect","result":"EADDRINUSE"}]}
        """;

    /// <summary>A snapshot as the program writes it.</summary>
    private static byte[] Snapshot()
    {
        var target = TargetParser.Parse("127.0.0.1:8080").Value!;
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.UnixEpoch,
            Sockets = [new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Local = new IpEndpoint(IpAddress.FromBytes([127, 0, 0, 1]), 8080), Inode = 4711, UserId = 33 }],
            Processes = [new ProcessRecord { Id = 12, Name = "nginx", Arguments = ["nginx", "-g", "daemon off;"] }],
            Holders = [new Holder(4711, 12, 3)],
        };
        using var written = new MemoryStream();
        SnapshotFile.Write(written, new SnapshotFile(new ProgramOptions(), [new SnapshotEntry(target, snapshot)]));
        return written.ToArray();
    }
}
