using System.Text.RegularExpressions;
using Bindwise.Model.Events;

namespace Bindwise.Rendering.Tests.Watching;

/// <summary>The screen that docs/watch.md shows is drawn by the program's own code.</summary>
public sealed partial class WatchPageTests
{
    [Fact]
    public void TheScreenOnThePage_IsTheOneThatIsDrawn()
    {
        var census = new HostCensus
        {
            TakenAt = Watched.Noon,
            Sockets =
            [
                Watched.Listener(3000, 1) with { Connections = 3, Holder = new CensusHolder(812, "node", 1) },
                Watched.Listener(5432, 2, "postgres", 700) with { Connections = 5 },
                Held(Watched.Listener(8080, 3, "python3", 915), static socket => socket with { Local = new IpEndpoint(IpAddress.AnyIPv4, 8080), ReceiveQueue = 6, SendQueue = 5 }),
                Held(Watched.Listener(53, 4, "dnsmasq", 640), static socket => socket with { Protocol = Protocol.Udp, State = TcpSocketState.Close, SendQueue = 0 }),
            ],
            States = [new StateCount(TcpSocketState.Listen, 3), new StateCount(TcpSocketState.Established, 16), new StateCount(TcpSocketState.TimeWait, 15)],
            TimeWaits = [new PortTimeWaits(3000, 15, 41_250)],
            EphemeralPorts = 28_232,
        };
        var drawn = Watched.Text(Watched.After(new Bindwise.Rendering.Watching.WatchState { Columns = 80, Lines = 24 },
            new Bindwise.Rendering.Watching.WatchInput.CensusRead(census)));
        var block = $"```console\n$ bindwise watch\n{BlankLines().Replace(drawn, "\n\n")}```\n";
        var path = Repository.File("docs/watch.md");
        var page = File.ReadAllText(path);
        if (Environment.GetEnvironmentVariable("BINDWISE_UPDATE_EXPECTATIONS") == "1")
            File.WriteAllText(path, page = Block().Replace(page, block.Replace("$", "$$", StringComparison.Ordinal), 1));
        Assert.Equal(block, Block().Match(page).Value);
    }

    private static CensusSocket Held(CensusSocket one, Func<HeldSocket, HeldSocket> change) => one with { Socket = change(one.Socket) };

    [GeneratedRegex("```console\n\\$ bindwise watch\n[^`]*```\n")]
    private static partial Regex Block();

    [GeneratedRegex("\n{3,}")]
    private static partial Regex BlankLines();
}
