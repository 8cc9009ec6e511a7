namespace Bindwise.Model.Platforms.Matrices;

/// <summary>What one system says to one pair of sockets.</summary>
/// <param name="Bind">What its bind() gives.</param>
/// <param name="Listen">What its listen() gives; null where it does not call it, or bind() did not succeed for certain.</param>
internal sealed record MatrixCell(PlatformProfile Platform, MatrixSocket First, MatrixSocket Second, PlatformRuling Bind,
    PlatformRuling? Listen)
{
    /// <summary>The port of sockets that name none.</summary>
    public const ushort OrdinaryPort = 8080;

    /// <summary>The call that decides: <c>bind</c>, or <c>listen</c> where that one came to be asked.</summary>
    public string Call => Listen is null ? "bind" : "listen";

    /// <summary>What <see cref="Call"/> gives, and by which rule.</summary>
    public PlatformRuling Ruling => Listen ?? Bind;

    /// <summary>Asks the rules of a system whether the second socket may bind, and listen, while the first is there.</summary>
    public static MatrixCell Of(PlatformProfile platform, MatrixSocket first, MatrixSocket second)
    {
        var held = new PlatformHeld(Standing(platform, first), first.State);
        var want = SocketOf(platform, second);
        var bind = platform.Bind(new PlatformQuestion(want, second.Port ?? first.Port ?? OrdinaryPort, [held]));
        var listen = second.Listens && bind.IsAllowed ? platform.Listen(want, [held]) : null;
        return new MatrixCell(platform, first, second, bind, listen);
    }

    /// <summary>A connection has an address of its own: that of a wildcard's stands on loopback.</summary>
    private static PlatformSocket Standing(PlatformProfile platform, MatrixSocket first)
    {
        var socket = SocketOf(platform, first);
        socket = socket with { V6Only = socket.V6Only || socket.Address is { Family: IpFamily.IPv6, IsAny: false, IsMapped: false } };
        if (first.State is not (PlatformState.Connected or PlatformState.TimeWait) || !socket.IsWildcard)
            return socket;
        return socket with
        {
            Address = socket.Address.IsMapped ? IpAddress.LoopbackIPv4.AsIPv6
            : socket.Address.Family == IpFamily.IPv6 ? IpAddress.LoopbackIPv6 : IpAddress.LoopbackIPv4
        };
    }

    private static PlatformSocket SocketOf(PlatformProfile platform, MatrixSocket socket) => new()
    {
        Protocol = socket.Protocol,
        Address = socket.Address,
        V6Only = socket.Address.Family == IpFamily.IPv6 && (socket.V6Only ?? platform.Facts.V6OnlyDefault ?? false),
        ReuseAddress = (socket.Options & MatrixOptions.ReuseAddress) != 0,
        ReusePort = (socket.Options & MatrixOptions.ReusePort) != 0,
        ReusePortBalanced = (socket.Options & MatrixOptions.ReusePortBalanced) != 0,
        Exclusive = (socket.Options & MatrixOptions.Exclusive) != 0,
        UserId = socket.User,
        IsPrivileged = socket.IsRoot,
    };
}
