using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A TCP socket that listens, whoever holds it: alone, on both families, or with others by SO_REUSEPORT.</summary>
internal sealed class ListenerTopic : Topic
{
    /// <summary>The remedy in the program that has [::].</summary>
    public const string SetV6Only = "set-v6-only";

    public override Cause? CauseOf(HeldSocket socket, Snapshot snapshot) =>
        socket is { Protocol: Protocol.Tcp, State: TcpSocketState.Listen } ? Cause.Listener : null;

    /// <summary>What SO_REUSEPORT has to do with it: on the socket that asks, or between two that listen.</summary>
    public static IEnumerable<Cause> SharingCauses(Blocker blocker, BindRequest asked, Snapshot snapshot)
    {
        if (asked.ReusePort && blocker.Socket.State != TcpSocketState.TimeWait)
            yield return Cause.ReusePortMismatch;
        if (blocker.Socket.State == TcpSocketState.Listen && snapshot.Sockets.Any(s => SharesWith(s, blocker.Socket)))
            yield return Cause.SharedListener;
    }

    /// <summary>Two listeners at one address exist only by SO_REUSEPORT.</summary>
    private static bool SharesWith(HeldSocket one, HeldSocket other) =>
        one != other && one.Protocol == Protocol.Tcp && one.State == TcpSocketState.Listen
        && one.Protocol == other.Protocol && one.Local == other.Local && one.DeviceIndex == other.DeviceIndex;

    public static bool IsDualStackOver(HeldSocket socket, BindRequest asked) =>
        socket is { State: TcpSocketState.Listen, V6Only: not Fact.Yes } && socket.Local.Address == IpAddress.AnyIPv6
            && asked.Address.AsIPv4 is not null;

    public override string Holding(DiagnosisContext context, Blocker main, string owner)
    {
        if (main is { Owners.IsEmpty: true, Kernel: null } && !main.Socket.IsWithoutProcess && context.Snapshot.Coverage.IsEveryProcessSeen)
            return $"a socket without a visible owner listens on {main.Socket.Local}";
        var alike = GroupOf(main, context.Blockers);
        if (alike.Count == 1)
            return $"{owner} {FirstLine.Verb(main, "listens", "listen")} on {main.Socket.Local}{Families(main.Socket)}"
                + HoldingReport.OnDevice(context, main) + (main.Socket.IsMultipath == Fact.Yes ? ", by MPTCP" : "")
                + HolderTopic.ListenerClause(context, main);
        var sharers = alike.SelectMany(static b => b.Owners.Take(1)).DistinctBy(static o => o.Process.Id).ToList();
        return $"{Wording.Number(alike.Count)} listeners of {ProcessNames.Of(sharers, FirstLine.Nobody(context, main))} share "
            + $"{main.Socket.Local} by SO_REUSEPORT{HoldingReport.OnDevice(context, main)}"
            + (HoldingReport.Halted(alike) ?? HolderTopic.ListenerClause(context, main));
    }

    /// <summary>Whether another listener of its group serves clients while this one's processes are suspended or frozen.</summary>
    public static bool IsServedByOthers(Blocker blocker, ImmutableArray<Blocker> blockers) =>
        GroupOf(blocker, blockers).Exists(static other => !HoldingReport.IsHalted(other));

    private static List<Blocker> GroupOf(Blocker main, ImmutableArray<Blocker> blockers) =>
        [.. blockers.Where(b => b.Socket.State == TcpSocketState.Listen && main.Socket.State == TcpSocketState.Listen
            && (b.Socket.Local, b.Socket.DeviceIndex) == (main.Socket.Local, main.Socket.DeviceIndex))];

    /// <summary>What a listener on [::] takes besides IPv6.</summary>
    private static string Families(HeldSocket socket) => socket.IsDualStack switch
    {
        true => ", IPv6 and IPv4",
        false => ", IPv6 only",
        null => "",
    };

    /// <summary>A listener of somebody else on another address that is in the way as well: ending the first would not be enough.</summary>
    public static string AndOthers(DiagnosisContext context)
    {
        if (context.Main is not { Socket: { State: TcpSocketState.Listen, Protocol: Protocol.Tcp }, Kernel: null } main)
            return "";
        var others = context.Blockers.Where(b => IsOther(b, main)).DistinctBy(static b => b.Owners.FirstOrDefault()?.Process.Id)
            .ToList();
        return others.Count switch
        {
            0 => "",
            1 => $", and {ProcessNames.Of(others[0].Owners, FirstLine.Nobody(context, others[0]))} on {others[0].Socket.Local}"
                + Families(others[0].Socket) + HoldingReport.OnDevice(context, others[0]),
            var n => $", and {Wording.Number(n)} other programs are on the port too",
        };
    }

    private static bool IsOther(Blocker blocker, Blocker main) =>
        blocker is { Socket: { State: TcpSocketState.Listen, IsWithoutProcess: false }, Kernel: null }
        && (blocker.Socket.Local, blocker.Socket.DeviceIndex) != (main.Socket.Local, main.Socket.DeviceIndex)
        // Of two that cannot be seen nobody knows whether they are one.
        && !(blocker.Owners.IsEmpty && main.Owners.IsEmpty)
        && !blocker.Owners.Any(one => main.Owners.Any(o => o.Process.Id == one.Process.Id));

    public override string? Reason(DiagnosisContext context, Blocker main) => AddressFamilies.Reason(context, main.Socket)
        ?? (context.Decisive.Rule == RuleBook.HeldByListener ? null : context.Decisive.Rule.Sentence);

    public override IEnumerable<Remedy> Preventions(DiagnosisContext context)
    {
        // A server that wants both families, as a bare port asks for, would still not get [::].
        if (context.Cause == Cause.DualStackListener && context.Asked.All(static j => j.Request.Address.AsIPv4 is not null))
            yield return Remedy.OfCode(SetV6Only, "Have the server on [::] set IPV6_V6ONLY, to leave IPv4 to another program.",
                SnippetKind.SetV6Only, TargetLanguage.Holding(context), "the server on [::] no longer takes IPv4 clients",
                "the other program has to serve its IPv4 clients");
    }

    /// <summary>Listeners that leave the bind alone and yet get traffic that was meant for it.</summary>
    public static IEnumerable<Remark> Shadows(DiagnosisContext context)
    {
        foreach (var socket in context.Snapshot.Sockets)
        {
            var receives = socket.State == TcpSocketState.Listen || (socket.Protocol == Protocol.Udp && socket.Remote.Port == 0);
            if (SharedAddresses.Contain(socket.Local.Address, context.Snapshot.Interfaces))
                continue;
            if (!receives || socket.Protocol != context.Target.Protocol || socket.Local.Port != context.Plan.Port)
                continue;
            var owner = ProcessNames.Of(context.Holders.OwnersOf(socket.Inode), "Another socket");
            foreach (var request in context.Asked.Select(static j => j.Request))
            {
                if (socket.DeviceIndex != 0 && request.Device is { } device
                    && AddressRules.DeviceIndexOf(device, context.Snapshot.Interfaces) != socket.DeviceIndex)
                    continue;
                if (ShadowOf(request, socket, context.Snapshot.Settings) is not { } how)
                    continue;
                // Asked about both families, the new server is on that one as well.
                if (how == "shadowed-by-other-family"
                    && context.Asked.Any(j => j.Request.Address.AsIPv4 is null == socket.Local.Address.AsIPv4 is null))
                    continue;
                yield return Remark.Of(how, how switch
                {
                    "shadowed-by-other-family" =>
                        $"{owner} is on {socket.Local}: clients that connect to localhost may reach it instead of your server.",
                    "shares-port" => $"{owner} is on {socket.Local} too: the kernel spreads {Arrivals(socket)} over both.",
                    "shadowed-by-older" => $"{owner} is on {socket.Local} too, was first, and so gets all {Arrivals(socket)} over IPv6: "
                        + "only sockets with the same IPV6_V6ONLY share.",
                    _ => $"{owner} is on {socket.Local}, a more specific address, and gets what is sent there.",
                });
                break;
            }
        }
    }

    private static string Arrivals(HeldSocket socket) => socket.Protocol == Protocol.Udp ? "datagrams" : "new connections";

    private static string? ShadowOf(BindRequest request, HeldSocket socket, HostSettings settings)
    {
        var (want, held) = (request.Address, socket.Local.Address);
        if (want == held && request.ReusePort && socket.DeviceIndex == 0 == request.Device is null)
        {
            return DeliveryRules.DifferInFamilies(held, socket.V6Only, Fact.Of(settings.IsV6Only(request)))
                ? "shadowed-by-older" : "shares-port";
        }
        if (!held.IsAny && DeliveryRules.TakesFromWildcard(held, want, settings.IsV6Only(request)))
            return "shadowed-by-specific-address";
        var isOtherFamily = want.AsIPv4 is null != held.AsIPv4 is null;
        var bothReachable = (want.IsAny || want.IsLoopback) && (held.IsAny || held.IsLoopback);
        return isOtherFamily && bothReachable ? "shadowed-by-other-family" : null;
    }
}
