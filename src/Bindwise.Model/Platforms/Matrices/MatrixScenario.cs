using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms.Matrices;

/// <summary>A cell of Linux as a scenario: what puts the first socket there, then the second one's calls, with what each must
/// give.</summary>
internal static class MatrixScenario
{
    private const string First = "first";
    private const string Second = "second";
    private const string Peer = "peer";
    private const string Connection = "connection";

    /// <summary>Whether a namespace of the lab has the cell's addresses, and Linux its options; and its port needs no privilege, as those
    /// that are played.</summary>
    public static bool CanPlay(MatrixCell cell) =>
        !cell.Bind.IsMissing && (cell.Second.Port ?? cell.First.Port ?? MatrixCell.OrdinaryPort) >= 1024
            && IsOfHost(cell.First.Address) && IsOfHost(cell.Second.Address);

    public static Scenario Of(MatrixCell cell, ushort port)
    {
        var steps = new ScenarioBuilder($"{cell.First}; then {cell.Second}");
        // One user for both is whoever plays: only root can play others, and no rule of these asks who it is.
        var isOne = cell.First.User == cell.Second.User;
        Open(steps, First, cell.First, isOne);
        steps.Bind(First, cell.First.Address.ToString(), port).Expect(StepResult.Ok);
        Bring(steps, cell.First, port);
        Open(steps, Second, cell.Second, isOne);
        steps.Bind(Second, cell.Second.Address.ToString(), port).Expect(cell.Bind.Text);
        if (cell.Listen is { } listen)
            steps.Listen(Second).Expect(listen.Text);
        return steps.Build();
    }

    private static void Open(ScenarioBuilder steps, string name, MatrixSocket socket, bool isOne)
    {
        uint? user = isOne || socket.IsRoot ? null : socket.User;
        _ = socket.Protocol == Protocol.Udp ? steps.Udp(name, socket.Address.Family, user) : steps.Tcp(name, socket.Address.Family, user);
        if (socket.V6Only is { } only)
            steps.Set(name, SocketOption.V6Only, only ? 1 : 0);
        if ((socket.Options & MatrixOptions.ReuseAddress) != 0)
            steps.Set(name, SocketOption.ReuseAddress);
        if ((socket.Options & MatrixOptions.ReusePort) != 0)
            steps.Set(name, SocketOption.ReusePort);
    }

    /// <summary>Brings the first socket into its state.</summary>
    private static void Bring(ScenarioBuilder steps, MatrixSocket socket, ushort port)
    {
        if (socket.State == PlatformState.Bound)
            return;
        if (socket.Protocol == Protocol.Udp)
        {
            steps.Connect(First, LoopbackOf(socket.Address).ToString(), unchecked((ushort)(port ^ 1)));
            return;
        }
        steps.Listen(First).Expect(StepResult.Ok);
        if (socket.State == PlatformState.Listening)
            return;
        steps.Tcp(Peer, socket.Address.Family).Connect(Peer, First).Expect(StepResult.Ok).Accept(First, Connection).Expect(StepResult.Ok);
        if (socket.State == PlatformState.TimeWait)
            steps.Close(Connection).Close(Peer);
        steps.Close(First);
    }

    private static IpAddress LoopbackOf(IpAddress address) =>
        address.IsMapped ? IpAddress.LoopbackIPv4.AsIPv6
            : address.Family == IpFamily.IPv6 ? IpAddress.LoopbackIPv6 : IpAddress.LoopbackIPv4;

    private static bool IsOfHost(IpAddress address) => address.IsAny || address.IsLoopback || address.AsIPv4 is { IsAny: true };
}
