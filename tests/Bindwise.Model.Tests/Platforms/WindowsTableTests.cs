using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>The two tables of Microsoft's page, cell by cell, as they stand there: Server 2003 and later, same user and other user.</summary>
public class WindowsTableTests
{
    // Across: the second bind(): default, SO_REUSEADDR, SO_EXCLUSIVEADDRUSE, each wildcard and specific. Down: the first, alike.
    private const string SameUser = """
        INUSE   Success ACCESS  Success INUSE Success
        Success INUSE   Success ACCESS  INUSE INUSE
        INUSE   Success Success Success INUSE Success
        Success INUSE   Success Success INUSE INUSE
        INUSE   ACCESS  ACCESS  ACCESS  INUSE ACCESS
        Success INUSE   Success ACCESS  INUSE INUSE
        """;

    private const string OtherUser = """
        INUSE   ACCESS  ACCESS  ACCESS  INUSE ACCESS
        Success INUSE   Success ACCESS  INUSE INUSE
        INUSE   ACCESS  Success Success INUSE ACCESS
        Success INUSE   Success Success INUSE INUSE
        INUSE   ACCESS  ACCESS  ACCESS  INUSE ACCESS
        Success INUSE   Success ACCESS  INUSE INUSE
        """;

    private static readonly string[] Sockets =
        ["0.0.0.0", "127.0.0.1", "reuseaddr 0.0.0.0", "reuseaddr 127.0.0.1", "exclusive 0.0.0.0", "exclusive 127.0.0.1"];

    public static TheoryData<string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string>();
        foreach (var (table, user) in ((string, string)[])[(SameUser, ""), (OtherUser, "user 1001 ")])
        {
            var rows = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            for (var row = 0; row < Sockets.Length; row++)
            {
                var words = rows[row].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                for (var column = 0; column < Sockets.Length; column++)
                    cells.Add(Sockets[row], user + Sockets[column], words[column]);
            }
        }
        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Bind_TwoSockets_IsWhatTheTableSays(string first, string second, string told)
    {
        var ruling = Ask.Cell("windows", first, second).Ruling;
        Assert.Equal(told switch { "INUSE" => "WSAEADDRINUSE", "ACCESS" => "WSAEACCES", _ => "ok" }, ruling.Results[0]);
    }

    [Fact]
    public void Bind_AllCells_DisagreeWithTheRestOfTheDocumentsInFour()
    {
        Assert.Equal(72, Cells().Count);
        var disputed = Cells().Select(row => Ask.Cell("windows", (string)row[0], (string)row[1])).Where(cell => cell.Ruling.Results.Length > 1)
            .Select(cell => $"{cell.First.Place} {MatrixWords.Spell(cell.First.Options)} > {MatrixWords.Spell(cell.Second.Options)} {cell.Second.User}: {cell.Ruling.Text}");
        Assert.Equal(
            [
                "0.0.0.0 no option > SO_REUSEADDR 1000: WSAEACCES or ok",
                "127.0.0.1 no option > SO_REUSEADDR 1000: WSAEACCES or ok",
                "127.0.0.1 SO_REUSEADDR > no option 1000: WSAEADDRINUSE or WSAEACCES",
                "127.0.0.1 SO_REUSEADDR > no option 1001: WSAEADDRINUSE or WSAEACCES",
            ],
            disputed);
    }

    [Theory]
    // Two different specific addresses never conflict, whatever the options.
    [InlineData("exclusive 127.0.0.1", "127.0.0.2", "ok WIN-0")]
    [InlineData("0.0.0.0", "[::1]", "ok WIN-STACK")]
    [InlineData("0.0.0.0", "v6only [::]", "ok WIN-STACK")]
    // IPV6_V6ONLY is on where nobody sets it.
    [InlineData("0.0.0.0", "[::]", "ok WIN-STACK")]
    [InlineData("0.0.0.0", "dual [::]", "WSAEADDRINUSE WIN-3")]
    [InlineData("127.0.0.1", "dual [::]", "ok WIN-DUAL")]
    [InlineData("dual [::]", "127.0.0.1", "ok WIN-DUAL")]
    [InlineData("dual [::]", "user 1001 127.0.0.1", "WSAEACCES WIN-1")]
    [InlineData("127.0.0.1", "exclusive dual [::]", "WSAEADDRINUSE or WSAEACCES WIN-DUAL-EX")]
    // The state is not in the tables; what other sources tell of it is.
    [InlineData("127.0.0.1 listening", "127.0.0.1", "unknown WIN-STATE")]
    [InlineData("reuseaddr 127.0.0.1 listening", "reuseaddr 127.0.0.1", "ok WIN-SHARE")]
    [InlineData("127.0.0.1 time-wait", "127.0.0.1", "ok WIN-TW")]
    [InlineData("127.0.0.1 connected", "127.0.0.1", "unknown WIN-STATE")]
    [InlineData("exclusive 127.0.0.1 connected", "exclusive 127.0.0.1", "WSAEADDRINUSE or WSAEACCES WIN-EX-WAIT")]
    [InlineData("exclusive 127.0.0.1 time-wait", "exclusive 127.0.0.1", "WSAEADDRINUSE or WSAEACCES WIN-EX-WAIT")]
    [InlineData("127.0.0.1 time-wait", "reuseaddr 127.0.0.1", "unknown WIN-STATE")]
    [InlineData("127.0.0.1", "reuseport 127.0.0.1", "no option NO-OPTION")]
    [InlineData("127.0.0.1", "reuseaddr exclusive 127.0.0.1", "unknown WIN-BOTH")]
    [InlineData("127.0.0.1", "dual [::ffff:127.0.0.1]", "unknown WIN-MAPPED")]
    // In use may show only at listen().
    [InlineData("127.0.0.1", "0.0.0.0 listen", "unknown WIN-LISTEN")]
    [InlineData("127.0.0.1", "127.0.0.2 listen", "ok WIN-0")]
    public void Bind_BesideTheTables_IsWhatTheDocumentsTell(string first, string second, string told) => Assert.Equal(told, Ask.Pair("windows", first, second));

    [Fact]
    public void Bind_PortBelow1024_NeedsNoPrivilege() =>
        Assert.Equal("ok WIN-0", Ask.Bind("windows", new() { Address = IpAddress.LoopbackIPv4 }, 80));
}
