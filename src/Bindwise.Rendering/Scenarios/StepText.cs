using System.Globalization;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;
using static System.FormattableString;

namespace Bindwise.Rendering.Scenarios;

/// <summary>A step in words, not yet escaped: one call, with the socket first.</summary>
internal static class StepText
{
    internal static string Of(Step step) => step switch
    {
        OpenStep open => $"{open.Socket} = {(open.Protocol == Protocol.Udp ? "udp" : "tcp")} {(open.Family == IpFamily.IPv6 ? "ipv6" : "ipv4")}"
            + (open.User is { } user ? Invariant($" user {user}") : "") + (open.Device is { } device ? $" device {device}" : ""),
        SetStep set => $"set {set.Socket} {SocketOptionNames.Of(set.Option)} {set.Value.Text ?? set.Value.Number.ToString(CultureInfo.InvariantCulture)}",
        BindStep bind => $"bind {bind.Socket} {Endpoint(bind.Address, bind.Scope, bind.Port)}",
        ListenStep listen => $"listen {listen.Socket}",
        ConnectStep { To: { } to } connect => $"connect {connect.Socket} to {to}",
        ConnectStep connect => $"connect {connect.Socket} {Endpoint(connect.Address, null, connect.Port)}",
        DisconnectStep disconnect => $"disconnect {disconnect.Socket}",
        AcceptStep accept => $"{accept.As} = accept {accept.Socket}",
        SendStep send => Invariant($"send {send.Socket} {send.Bytes}") + (send.To is { } to ? $" to {to}" : ""),
        ReceiveStep receive => Invariant($"receive {receive.Socket} {receive.Bytes}"),
        ShutdownStep shutdown => $"shutdown {shutdown.Socket} {How(shutdown.How)}",
        CloseStep close => $"close {close.Socket}",
        AbortStep abort => $"abort {abort.Socket}",
        WaitStep wait => Invariant($"wait {wait.Seconds}s"),
        SysctlStep sysctl => $"sysctl {sysctl.Name} {sysctl.Value}",
        ExpectStep expect => $"expect {expect.Result}" + (expect.Rule is { } rule ? $" {rule}" : "") + (expect.By is { } by ? $" by {by}" : ""),
        _ => step.ToString() ?? "",
    };

    private static string Endpoint(IpAddress address, string? scope, ushort port) => address.Family == IpFamily.IPv6
        ? Invariant($"[{address}{(scope is null ? "" : "%" + scope)}]:{port}")
        : Invariant($"{address}:{port}");

    private static string How(ShutdownHow how) => how switch
    {
        ShutdownHow.Read => "read",
        ShutdownHow.Write => "write",
        _ => "both",
    };
}
