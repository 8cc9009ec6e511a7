using System.Collections.Immutable;
using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Shrinking;

/// <summary>Makes one step plainer: no user, no interface, an ordinary address, few bytes, a short wait.</summary>
internal static class Simplification
{
    // Plainest first; every other address is less plain than all of them.
    private static readonly IpAddress[] Plain = [.. new[] { "127.0.0.1", "0.0.0.0", "::1", "::" }.Select(static text => BindAddress.Of(text).Address)];

    private static readonly decimal[] Waits = [0.1m, 1.2m, 6, 66];

    public static IEnumerable<ImmutableArray<Step>> Of(ImmutableArray<Step> steps)
    {
        for (var index = 0; index < steps.Length; index++)
        {
            foreach (var simpler in Of(steps[index]))
                yield return steps.SetItem(index, simpler);
        }
        // A family is changed with the addresses that go with it, or it would rarely go.
        foreach (var name in steps.OfType<OpenStep>().Where(static open => open.Family == IpFamily.IPv6).Select(static open => open.Socket).Distinct())
            yield return [.. steps.Select(step => step is SocketStep socket && socket.Socket == name ? InIPv4(step) : step)];
    }

    private static IEnumerable<Step> Of(Step step) => step switch
    {
        OpenStep open => OfOpen(open),
        BindStep bind => Plainer(bind.Address).Select(address => (Step)(bind with { Address = address, Scope = null }))
            .Concat(bind.Scope is null ? [] : [bind with { Scope = null }]),
        ConnectStep { To: null } connect => Plainer(connect.Address).Select(address => connect with { Address = address }),
        SendStep send => OfSend(send),
        ReceiveStep { Bytes: > 1 } receive => [receive with { Bytes = 1 }],
        AbortStep abort => [new CloseStep(abort.Socket)],
        ShutdownStep { How: not ShutdownHow.Write } shutdown => [shutdown with { How = ShutdownHow.Write }],
        WaitStep wait => Waits.Where(seconds => seconds < wait.Seconds).Select(static seconds => new WaitStep(seconds)),
        _ => [],
    };

    private static IEnumerable<Step> OfOpen(OpenStep open)
    {
        if (open.User is not null)
            yield return open with { User = null };
        if (open.Device is not null)
            yield return open with { Device = null };
    }

    private static IEnumerable<Step> OfSend(SendStep send)
    {
        if (send.Bytes > 1)
            yield return send with { Bytes = 1 };
        if (send.To is not { } to)
            yield break;
        foreach (var address in Plainer(to.Address))
            yield return send with { To = to with { Address = address } };
    }

    private static IEnumerable<IpAddress> Plainer(IpAddress address) => Plain.TakeWhile(plain => plain != address);

    private static Step InIPv4(Step step) => step switch
    {
        OpenStep open => open with { Family = IpFamily.IPv4 },
        BindStep bind => bind with { Address = InIPv4(bind.Address), Scope = null },
        ConnectStep { To: null } connect => connect with { Address = InIPv4(connect.Address) },
        _ => step,
    };

    private static IpAddress InIPv4(IpAddress address)
    {
        if (address.AsIPv4 is { } v4)
            return v4;
        return address.IsAny ? IpAddress.AnyIPv4 : IpAddress.LoopbackIPv4;
    }
}
