using Bindwise.Model.Text;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Listing;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Listing;

[Trait("Seed", "any")]
public sealed class PortTableTests
{
    private const string Whole =
        """
        PORT                   ADDRESS          OWNER      PID     USER      SINCE  CONNS    QUEUE  FROM
        3000/tcp               127.0.0.1,[::1]  server.js  9911    ann       16:02      1  129/128  /home/ann/work/customers/shop
        7000/tcp               127.0.0.1        -          -       1234      -          -        -  -                              bound only
        8080/tcp               *                nginx      4121+4  www-data  Jun28     12    0/511  container web                  suspended (Ctrl+Z); in the ephemeral range
        32768-60999/tcp        -                -          -       -         -          3        -  -                              40 ports, ESTABLISHED 3, TIME_WAIT 1200
        53/udp                 [fe80::1%eth0]   dnsmasq    7       root      2025       -        -  dnsmasq.service
        /run/postgresql/.sock  stream           postgres   8       postgres  -         10    0/200  -

        """;

    [Fact]
    public void Render_WithoutAWidth_CutsNothing() => Assert.Equal(Whole, Text(Samples(), null));

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    public void Render_OnATerminal_FitsAndShowsEachPortWithItsOwnerAndWarnings(int width)
    {
        var text = Text(Samples(), width);
        Assert.All(text.Split('\n'), line => Assert.True(CellWidth.Of(line) <= width, line));
        Assert.StartsWith("PORT", text, StringComparison.Ordinal);
        Assert.All(new[] { "3000/tcp", "8080/tcp", "9911", "4121+4", "53/udp" }, word => Assert.Contains(word, text, StringComparison.Ordinal));
        Assert.Contains("suspended (Ctrl+Z)", text, StringComparison.Ordinal);
        Assert.Contains("TIME_WAIT 1200", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_On200Columns_HasOneLineForEachPort() => Assert.Equal(Samples().Ports.Length + 1, PortTable.Render(Samples(), 200).Length);

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(72)]
    public void Render_OnANarrowTerminal_HasAParagraphForEachPort(int width)
    {
        var text = Text(Samples(), width);
        Assert.All(text.Split('\n'), line => Assert.True(CellWidth.Of(line) <= width, line));
        var words = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("3000/tcp 127.0.0.1, [::1], server.js pid 9911, user ann,", words, StringComparison.Ordinal);
        Assert.Contains("since 16:02, 1 connection, queue 129/128", words, StringComparison.Ordinal);
        Assert.Contains("12 connections, queue 0/511, suspended (Ctrl+Z); in the ephemeral range", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(160)]
    [InlineData(null)]
    public void Render_HostileNames_KeepToTheWidthAndToOneLine(int? width) => Prop.ForAll(HostileText.Arbitrary, name =>
    {
        var port = new ListedPort
        {
            Protocol = Protocol.Tcp,
            Port = 8080,
            Sockets = [Listener(IpAddress.AnyIPv4, 8080)],
            Name = name,
            Owners = [new Owner { Process = new ProcessRecord { Id = 5, Name = name }, Role = OwnerRole.Holder, Descriptors = [3] }],
            OwnerCount = 1,
            UserName = name,
            ProjectFolder = "/" + name,
            Unit = name + ".service",
        };
        var lines = PortTable.Render(new PortListing { Ports = [port, port with { Unit = null, Container = name }, port with { Unit = null }] }, width);
        var text = string.Concat(lines.Select(static line => line.ToString()));
        Assert.All(text.EnumerateRunes(), static rune => Assert.False(Escaper.IsHarmful(rune), $"U+{rune.Value:X4}"));
        Assert.DoesNotContain(text, char.IsControl);
        if (width is null)
            Assert.Equal(4, lines.Length);
        else
            Assert.All(lines, line => Assert.True(CellWidth.Of(line.ToString()) <= Math.Max(20, width.Value), line.ToString()));
    }).Holds();

    [Fact]
    public void Render_WideAndRightToLeftNames_KeepTheColumnsInLine()
    {
        var listing = new PortListing { Ports = [Named("世界🎉"), Named("שרת"), Named("a\u202eb\u001b[31m")] };
        var lines = PortTable.Render(listing, 100).Select(static line => line.ToString()).ToList();
        Assert.Single(lines.Select(line => CellWidth.Of(line.AsSpan(0, line.IndexOf(" 5  ", StringComparison.Ordinal)))).Skip(1).Distinct().Append(ColumnOf(lines[0])).Distinct());
        Assert.Contains("a\\u{202E}b\\e[31m", lines[3], StringComparison.Ordinal);

        static int ColumnOf(string header) => header.IndexOf("PID", StringComparison.Ordinal) - 1;
    }

    [Theory]
    [InlineData(null)]
    [InlineData(80)]
    [InlineData(40)]
    public void Render_ManyPortsOfOneServer_AreOneLineWithTheirNumber(int? width)
    {
        var alike = Enumerable.Range(8000, 40).Select(static port => Named("server") with { Port = (ushort)port, Connections = 1 }).ToList();
        var other = Named("other") with
        {
            Port = 9000,
            Owners = [new Owner
        {
            Process = new ProcessRecord { Id = 6, Name = "other" },
            Role = OwnerRole.Holder,
            Descriptors = [3],
        }]
        };
        var text = Text(new PortListing { Ports = [.. alike, other] }, width);
        Assert.Contains("8000-8039/tcp", text, StringComparison.Ordinal);
        Assert.Contains("40 ports", text, StringComparison.Ordinal);
        Assert.Contains("9000/tcp", text, StringComparison.Ordinal);
        Assert.DoesNotContain("8001/tcp", text, StringComparison.Ordinal);
        // None that is another's, or nobody's, seems to be among them.
        var gaps = alike.ConvertAll(static port => port with { Port = (ushort)(port.Port < 8030 ? port.Port!.Value : port.Port!.Value * 2 - 8000) });
        Assert.Contains("8000-8029,8060,8062,8064,", Text(new PortListing { Ports = [.. gaps] }, width), StringComparison.Ordinal);
        Assert.Contains("8000,8002,8004,8006/tcp", Text(new PortListing { Ports = [alike[0], alike[2], alike[4], alike[6]] }, width), StringComparison.Ordinal);
        // What differs stands by itself; three are not many.
        alike[20] = alike[20] with { Warnings = [new Remark { Id = "stopped", Text = "suspended (Ctrl+Z)" }] };
        Assert.Contains("8020/tcp", Text(new PortListing { Ports = [.. alike] }, width), StringComparison.Ordinal);
        Assert.Contains("8001/tcp", Text(new PortListing { Ports = [.. alike.Take(3)] }, width), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_On80Columns_KeepsTheOwnerBeforeIdleColumns()
    {
        var port = Named("a-server-with-a-name.js") with { UserName = "www-data", Connections = 0, Unit = null, ProjectFolder = "/srv/shop" };
        var idle = Text(new PortListing { Ports = [port] }, 80);
        Assert.Contains(" a-server-with-a-name.js ", idle, StringComparison.Ordinal);
        Assert.DoesNotContain("QUEUE", idle, StringComparison.Ordinal);
        Assert.All(idle.Split('\n'), static line => Assert.True(line.Length <= 80, line));
        var busy = port with { Sockets = [port.Sockets[0] with { ReceiveQueue = 3 }] };
        Assert.Contains("3/128", Text(new PortListing { Ports = [busy] }, 80), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Nothing_IsEmpty() => Assert.Empty(PortTable.Render(new PortListing(), 80));

    [Fact]
    public void Render_ManyAddresses_ShowsFourAndCountsTheRest()
    {
        var sockets = Enumerable.Range(1, 9).Select(static last => Listener(new IpAddress(IpFamily.IPv4, 0x7f000000u + (uint)last), 80));
        var listing = new PortListing { Ports = [new ListedPort { Protocol = Protocol.Tcp, Port = 80, Sockets = [.. sockets] }] };
        Assert.Contains(" 127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,+5 ", Text(listing, null), StringComparison.Ordinal);
    }

    internal static PortListing Samples() => new()
    {
        TakenAt = new DateTimeOffset(2026, 7, 1, 16, 30, 0, TimeSpan.FromHours(2)),
        Interfaces = [new InterfaceRecord { Index = 2, Name = "eth0" }],
        Processes = [new ProcessRecord { Id = 1, Name = "systemd" }],
        Ports =
        [
            new ListedPort
            {
                Protocol = Protocol.Tcp,
                Port = 3000,
                Sockets = [Listener(IpAddress.LoopbackIPv4, 3000) with { ReceiveQueue = 129, SendQueue = 128 }, Listener(IpAddress.LoopbackIPv6, 3000)],
                Name = "server.js",
                Owners = [new Owner
                {
                    Process = new ProcessRecord { Id = 9911, Name = "node", ParentId = 1, Arguments = ["node", "server.js"] },
                    Role = OwnerRole.Creator,
                    Descriptors = [18],
                }],
                OwnerCount = 1,
                UserName = "ann",
                UserId = 1000,
                ProjectFolder = "/home/ann/work/customers/shop",
                Unit = "session-3.scope",
                Since = new DateTimeOffset(2026, 7, 1, 14, 2, 31, TimeSpan.Zero),
                Connections = 1,
            },
            new ListedPort
            {
                Protocol = Protocol.Tcp,
                Port = 7000,
                Sockets = [new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Bound, Local = new IpEndpoint(IpAddress.LoopbackIPv4, 7000) }],
                UserId = 1234,
                IsOwnerHidden = true,
            },
            new ListedPort
            {
                Protocol = Protocol.Tcp,
                Port = 8080,
                Sockets = [Listener(IpAddress.AnyIPv6, 8080) with { SendQueue = 511 }],
                Name = "nginx",
                Owners = [new Owner
                {
                    Process = new ProcessRecord { Id = 4121, Name = "nginx", State = 'T' },
                    Role = OwnerRole.Creator,
                    Descriptors = [6],
                }],
                OwnerCount = 5,
                UserName = "www-data",
                UserId = 33,
                Container = "web",
                Unit = "docker.service",
                Since = new DateTimeOffset(2026, 6, 28, 9, 0, 0, TimeSpan.Zero),
                Connections = 12,
                Warnings = [new Remark
                {
                    Id = "stopped",
                    Text = "suspended (Ctrl+Z)",
                }, new Remark
                {
                    Id = "in-ephemeral-range",
                    Text = "in the ephemeral range",
                }],
            },
            new ListedPort
            {
                Protocol = Protocol.Tcp,
                Port = 32768,
                LastPort = 60999,
                PortCount = 40,
                Connections = 3,
                States = [new StateCount(TcpSocketState.Established, 3), new StateCount(TcpSocketState.TimeWait, 1200)],
            },
            new ListedPort
            {
                Protocol = Protocol.Udp,
                Port = 53,
                Sockets = [new HeldSocket { Protocol = Protocol.Udp, Family = IpFamily.IPv6, State = TcpSocketState.Close, Local = new IpEndpoint(Parsed("fe80::1"), 53), DeviceIndex = 2, V6Only = Fact.Unknown }],
                Name = "dnsmasq",
                Owners = [new Owner
                {
                    Process = new ProcessRecord { Id = 7, Name = "dnsmasq" },
                    Role = OwnerRole.Holder,
                    Descriptors = [4],
                }],
                OwnerCount = 1,
                UserName = "root",
                UserId = 0,
                Unit = "dnsmasq.service",
                Since = new DateTimeOffset(2025, 6, 28, 9, 0, 0, TimeSpan.Zero),
            },
            new ListedPort
            {
                Protocol = Protocol.Unix,
                Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "/run/postgresql/.sock", SocketType = 1, SendQueue = 200 }],
                Name = "postgres",
                Owners = [new Owner
                {
                    Process = new ProcessRecord { Id = 8, Name = "postgres" },
                    Role = OwnerRole.Holder,
                    Descriptors = [5],
                }],
                OwnerCount = 1,
                UserName = "postgres",
                UserId = 70,
                Connections = 10,
            },
        ],
    };

    private static ListedPort Named(string name) => new()
    {
        Protocol = Protocol.Tcp,
        Port = 8080,
        Sockets = [Listener(IpAddress.LoopbackIPv4, 8080)],
        Name = name,
        Owners = [new Owner { Process = new ProcessRecord { Id = 5, Name = name }, Role = OwnerRole.Holder, Descriptors = [3] }],
        OwnerCount = 1,
    };

    private static HeldSocket Listener(IpAddress address, ushort port) =>
        new() { Protocol = Protocol.Tcp, Family = address.Family, State = TcpSocketState.Listen, Local = new IpEndpoint(address, port), V6Only = Fact.No, SendQueue = 128 };

    private static IpAddress Parsed(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static string Text(PortListing listing, int? width) => string.Concat(PortTable.Render(listing, width).Select(static line => line + "\n"));
}
