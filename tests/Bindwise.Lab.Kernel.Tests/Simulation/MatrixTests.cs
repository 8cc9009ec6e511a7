using System.Collections.Immutable;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Lab.Matrices;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>Every cell of Linux that <c>bindwise matrix</c> can show, over all its axes, played on the running kernel.</summary>
[Collection(BusyCollection.Name)]
[Trait("Lane", "second")]
public sealed class MatrixTests
{
    private static readonly MatrixOptions[] Options =
        [MatrixOptions.None, MatrixOptions.ReuseAddress, MatrixOptions.ReusePort, MatrixOptions.ReuseAddress | MatrixOptions.ReusePort];

    [KernelTheory]
    [InlineData(Protocol.Tcp, PlatformState.Bound, 2048)]
    [InlineData(Protocol.Tcp, PlatformState.Listening, 2048)]
    [InlineData(Protocol.Tcp, PlatformState.Connected, 2048)]
    [InlineData(Protocol.Tcp, PlatformState.TimeWait, 2048)]
    [InlineData(Protocol.Udp, PlatformState.Bound, 2048)]
    [InlineData(Protocol.Udp, PlatformState.Connected, 2048)]
    internal async Task Cells_OfLinux_AreWhatTheKernelAnswers(Protocol protocol, PlatformState state, int count)
    {
        ImmutableArray<MatrixCell> cells = [.. Cells(protocol, state)];
        Assert.Equal(count, cells.Length);
        var check = await Task.Run(() => MatrixCheck.Play(cells, CancellationToken.None));
        Assert.Equal((count, 0), (check.Played, check.Skipped));
        Assert.Empty(check.Differences.Select(difference => $"{difference.Cell.First}, then {difference.Cell.Second}: {difference.Found}").Take(20));
    }

    [KernelFact]
    public async Task Check_CellThatIsWrong_IsADifference()
    {
        var cell = MatrixCell.Of(PlatformProfiles.Linux, new MatrixSocket(IpAddress.LoopbackIPv4), new MatrixSocket(IpAddress.LoopbackIPv4));
        var wrong = cell with { Bind = MatrixCell.Of(PlatformProfiles.Linux, cell.First, new MatrixSocket(IpAddress.LoopbackIPv6)).Bind };
        var check = await Task.Run(() => MatrixCheck.Play([cell, wrong], CancellationToken.None));
        var difference = Assert.Single(check.Differences);
        Assert.Equal((wrong, false, "expected ok, was EADDRINUSE"), (difference.Cell, difference.IsFault, difference.Found));
    }

    private static IEnumerable<MatrixCell> Cells(Protocol protocol, PlatformState state)
    {
        foreach (var user in (uint[])[MatrixSocket.OrdinaryUser, MatrixSocket.OtherUser])
        {
            foreach (var held in Options)
            {
                foreach (var asked in Options)
                {
                    var plan = new MatrixPlan
                    {
                        Settings = [(held, asked)],
                        Firsts = [.. MatrixPlan.All.Select(socket => socket with { Protocol = protocol, State = state })],
                        Seconds = [.. MatrixPlan.All.Select(socket => socket with { Protocol = protocol, Listens = protocol == Protocol.Tcp, User = user })],
                    };
                    foreach (var cell in plan.CellsOf(PlatformProfiles.Linux))
                        yield return cell;
                }
            }
        }
    }
}
