using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>The kernel refuses the address: the host does not have it, or not yet, or not on that interface, or IPv6 is off.</summary>
internal sealed class AddressTopic : Topic
{
    private const string FirewallRisk = "check the firewall: services become reachable over IPv6";

    public override Cause? CauseOf(BindAssessment assessment, Snapshot snapshot)
    {
        var rule = assessment.Rule;
        if (rule == RuleBook.FamilyNotSupported)
            return assessment.Request.Address.Family == IpFamily.IPv6 ? Cause.IPv6Disabled : Cause.AddressNotLocal;
        if (rule == RuleBook.NoSuchDevice)
            return Cause.DeviceMismatch;
        if (rule == RuleBook.LinkLocalNeedsScope)
            return Cause.ScopeMissing;
        if (rule == RuleBook.AddressNotLocalIPv6)
            return OfIPv6(assessment.Request, snapshot);
        if (rule == ConnectionRuleBook.NoRoute)
            return IsIPv6Off(assessment.Request, snapshot) ? Cause.IPv6Disabled : Cause.AddressNotLocal;
        if (rule == RuleBook.AddressNotLocal && LinkOfAnotherVrf(assessment.Request, snapshot) is not null)
            return Cause.DeviceMismatch;
        return rule == RuleBook.AddressNotLocal || rule == RuleBook.MappedOnV6Only || rule == RuleBook.MulticastOnTcpIPv6
            ? Cause.AddressNotLocal : null;
    }

    /// <summary>
    /// Why connect() cannot go there, whatever bind() may: without any IPv6 address on the host it has no source
    /// (ip6_route_get_saddr(), net/ipv6/route.c), and ::1 is reached only where an interface has it. Null where neither stops it.
    /// </summary>
    public static Decision? OfConnect(RequestPlan plan, Snapshot snapshot)
    {
        var own = snapshot.Interfaces.SelectMany(static link => link.Addresses)
            .Where(static at => at.Address.Family == IpFamily.IPv6 && !at.IsTentative && !at.IsDuplicate).ToList();
        // Every host has lo: without an interface they were not read.
        return snapshot.Interfaces.IsEmpty || !plan.Destinations.All(to => to.Address.Family == IpFamily.IPv6
                && (own.Count == 0 || (to.Address.IsLoopback && own.TrueForAll(at => at.Address != to.Address)))) ? null
            : Decision.Block(own.Count == 0 ? "EADDRNOTAVAIL" : "ENETUNREACH", ConnectionRuleBook.NoRoute);
    }

    private static bool IsIPv6Off(BindRequest request, Snapshot snapshot) => snapshot.Settings.DisableIPv6 == true
        || (request.Address.IsLoopback ? LinkWithoutIPv6(request, snapshot) is not null
            : snapshot.Interfaces.All(static link => link.IsIPv6Off));

    private static Cause OfIPv6(BindRequest request, Snapshot snapshot)
    {
        var own = snapshot.Interfaces.SelectMany(static i => i.Addresses).FirstOrDefault(a => a.Address == request.Address);
        return own is { IsTentative: true } or { IsDuplicate: true } ? Cause.AddressTentative
            : own is not null && (request is { Device: not null } or { Scope: not null } || LinkOfAnotherVrf(request, snapshot) is not null)
                ? Cause.DeviceMismatch
            : snapshot.Settings.DisableIPv6 == true || (own is null && LinkWithoutIPv6(request, snapshot) is not null) ? Cause.IPv6Disabled
            : Cause.AddressNotLocal;
    }

    /// <summary>
    /// The interface that has the address, where none of the socket's own VRF does: each VRF has a table of local addresses of its own.
    /// </summary>
    private static InterfaceRecord? LinkOfAnotherVrf(BindRequest request, Snapshot snapshot)
    {
        var address = request.Address.Unmapped;
        var vrf = VrfOf(request, snapshot);
        var links = LinksWith(snapshot, address).ToList();
        return links.Exists(link => link.VrfIndex == vrf) ? null : links.FirstOrDefault();
    }

    private static uint VrfOf(BindRequest request, Snapshot snapshot) => (request.Device ?? request.Scope) is { } named
        ? VrfTable.Of(snapshot).Of(AddressRules.DeviceIndexOf(named, snapshot.Interfaces)) : 0;

    /// <summary>The interface that would have the address, were IPv6 not switched off on it; null where it could be on another.</summary>
    private static InterfaceRecord? LinkWithoutIPv6(BindRequest request, Snapshot snapshot)
    {
        var isLoopback = request.Address.IsLoopback;
        var index = (request.Device ?? request.Scope) is { } named ? AddressRules.DeviceIndexOf(named, snapshot.Interfaces) : 0;
        var links = snapshot.Interfaces.Where(link => index != 0 ? link.Index == index
            : link.Addresses.Any(static a => a.Address.IsLoopback) == isLoopback && (isLoopback || link.IsUp)).ToList();
        return links.Count > 0 && links.TrueForAll(static link => link.IsIPv6Off) ? links[0] : null;
    }

    public override string Refusal(DiagnosisContext context)
    {
        var request = context.Decisive.Request;
        var address = request.Address;
        return context.Cause switch
        {
            Cause.AddressTentative => IsDuplicate(context.Snapshot, address)
                ? $"{address} failed duplicate address detection: another host has it"
                : $"{address} is still checked for duplicates (tentative)",
            Cause.ScopeMissing =>
                $"{address} is {(address.IsMulticast ? "a multicast group of one link" : "link-local")} and needs its interface",
            Cause.IPv6Disabled => !IsToElsewhere(context) && LinkWithoutIPv6(request, context.Snapshot) is { } link
                ? $"IPv6 is switched off on {link.Name}, so it does not have {address}" : "IPv6 is switched off here",
            Cause.DeviceMismatch => context.Decisive.Errno == "ENODEV" ? $"there is no interface {request.Device ?? request.Scope}"
                : LinkOfAnotherVrf(request, context.Snapshot) is { } other ? OutOfReach(address, other, context)
                : $"{address} is not on interface {request.Device ?? request.Scope}",
            _ when IsToElsewhere(context) => "no interface of this host has an IPv6 address that it could come from",
            _ => NotLocal(context, address),
        };
    }

    private static bool IsToElsewhere(DiagnosisContext context) =>
        context.Decisive.Rule == ConnectionRuleBook.NoRoute && !context.Decisive.Request.Address.IsLoopback;

    private static string OutOfReach(IpAddress address, InterfaceRecord link, DiagnosisContext context)
    {
        var own = NameOf(VrfOf(context.Decisive.Request, context.Snapshot), context.Snapshot);
        var where = link.VrfIndex == link.Index ? "on" : $"on {link.Name}, in";
        return link.VrfIndex == 0 ? $"{address} is on {link.Name}, outside of the VRF {own}"
            : $"{address} is {where} the VRF {NameOf(link.VrfIndex, context.Snapshot)}, and this socket is in {own ?? "none"}";
    }

    /// <summary>Who has the port at an address that is none of this host's: past this error comes the next one.</summary>
    public static Remark? AlsoTaken(DiagnosisContext context)
    {
        if (context.Cause != Cause.AddressNotLocal || context.Decisive.Request.Port == 0
            || BindRules.Conflicts(context.Decisive.Request, context.Snapshot).Blockers is not [{ Socket: var socket }, ..])
            return null;
        var owner = ProcessNames.Of(context.Holders.OwnersOf(socket.Inode), "Another socket");
        return Remark.Of("also-taken",
            $"{owner} is on {socket.Local} already: a server that may bind the address (IP_FREEBIND, ip_nonlocal_bind) gets EADDRINUSE.");
    }

    private static string? NameOf(uint vrf, Snapshot snapshot) => snapshot.Interfaces.FirstOrDefault(link => link.Index == vrf)?.Name;

    private static bool IsDuplicate(Snapshot snapshot, IpAddress address) =>
        snapshot.Interfaces.Any(i => i.Addresses.Any(a => a.Address == address && a.IsDuplicate));

    private static string NotLocal(DiagnosisContext context, IpAddress address)
    {
        if (context.Decisive.Rule == RuleBook.MulticastOnTcpIPv6)
            return "TCP cannot be bound to a multicast address";
        if (context.Decisive.Rule == RuleBook.MappedOnV6Only)
            return "an IPv6-only socket cannot take a v4-mapped address";
        if (context.Decisive.Rule == RuleBook.FamilyNotSupported)
            return $"this kernel has no {(address.Family == IpFamily.IPv6 ? "IPv6" : "IPv4")}";
        return DownLink(context.Snapshot, address) is { } link
            ? $"interface {link.Name}, which {(LinksWith(context.Snapshot, address).Any() ? "has" : "would have")} {address}, is down"
            : ElsewhereFinder.PlaceWithAddress(context) is { } place ? $"no interface here has {address}, but {place} has it"
            : $"no interface of this host has {address}";
    }

    /// <summary>
    /// The interface whose being down is why; null for none. The loopback interface gets its addresses when it goes up
    /// (inetdev_event(), addrconf_notify()).
    /// </summary>
    private static InterfaceRecord? DownLink(Snapshot snapshot, IpAddress address)
    {
        var links = LinksWith(snapshot, address).ToList();
        return links.Count > 0 ? links.Find(static link => !link.IsUp)
            : address.IsLoopback
                ? snapshot.Interfaces.FirstOrDefault(static link => link is { Index: AddressRules.LoopbackIndex, IsUp: false }) : null;
    }

    private static IEnumerable<InterfaceRecord> LinksWith(Snapshot snapshot, IpAddress address) => snapshot.Interfaces.Where(
        i => i.Addresses.Any(a => a.Address == address || (a.Address.IsLoopback && address.IsLoopback)));

    public override string? Explanation(DiagnosisContext context) => !PastedErrors.IsFromElsewhere(context) ? null
        : "The error you pasted says that the address is in use, so where it was printed the address was there: on another host, in a "
            + "container, or on this host before it lost the address.";

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) => context.Cause switch
    {
        _ when PastedErrors.IsFromElsewhere(context) =>
        [
            .. ElsewhereFinder.AskWithAddress(context),
            Remedy.Of(ElsewhereFinder.AskThere, "Ask where the error was printed: on that host, or from here for its container.",
                $"bindwise why {context.Question} --container NAME", "nothing", "none"),
            BindElsewhere.Wildcard($"ip -brief address"),
        ],
        Cause.ScopeMissing => AddScope(context),
        // Where the kernel has no IPv6 at all, it has none of its settings.
        Cause.IPv6Disabled when context.Decisive.Rule == RuleBook.FamilyNotSupported =>
        [
            UseIPv4(context),
            Remedy.Of("enable-ipv6", "Take ipv6.disable=1 off the kernel's command line, or let the module ipv6 be loaded, and boot again.",
                null, "every interface gets IPv6 addresses", FirewallRisk),
        ],
        Cause.IPv6Disabled => [EnableIPv6(context), UseIPv4(context)],
        Cause.DeviceMismatch => context.Decisive.Errno == "ENODEV"
            ? [Remedy.Of("list-interfaces", "See which interfaces there are.", $"ip -brief link", "nothing", "none")]
            : [.. EnterVrf(context),
                Remedy.Of("list-interfaces", "See which interface has the address.", $"ip -brief address", "nothing", "none")],
        _ => MakeLocal(context),
    };

    private static IEnumerable<Remedy> EnterVrf(DiagnosisContext context)
    {
        if (LinkOfAnotherVrf(context.Decisive.Request, context.Snapshot) is { VrfIndex: not 0 and var index }
            && NameOf(index, context.Snapshot) is { } name && NameGrammar.Interface.Word(name) is { } vrf)
            yield return Remedy.Of("enter-vrf",
                "Start the program in the VRF, or bind its socket to it (SO_BINDTODEVICE; systemd: BindToDevice=).",
                $"{RunAs.Root(context)}ip vrf exec {vrf} YOUR COMMAND", "all sockets of the program are in the VRF",
                "it no longer reaches what lies outside of the VRF, the host's loopback included");
    }

    private static IEnumerable<Remedy> MakeLocal(DiagnosisContext context)
    {
        var request = context.Decisive.Request;
        if (request.Protocol == Protocol.Unix)
            yield break;
        if (context.Decisive.Rule == RuleBook.MappedOnV6Only)
        {
            yield return Remedy.OfCode("clear-v6only", "Leave IPV6_V6ONLY off, or bind the IPv4 address with an IPv4 socket.",
                SnippetKind.ClearV6Only, TargetLanguage.Starting(context), "the program's code", "none");
            yield break;
        }
        if (context.Cause == Cause.AddressTentative && IsDuplicate(context.Snapshot, request.Address))
            yield return Remedy.Of("change-duplicate-address",
                "Another host has the address: give this host another one, or take it from the other host and add it here again.",
                $"ip -6 address show dadfailed", "nothing", "none");
        else if (context.Cause == Cause.AddressTentative)
            yield return Remedy.Of("wait-for-dad",
                "Wait a second or two for duplicate address detection to end; while the interface has no carrier it does not begin.",
                $"ip -6 address show tentative", "nothing",
                "an address that failed (dadfailed) stays unusable, because another host has it");
        if (DownLink(context.Snapshot, request.Address) is { } down)
            yield return Remedy.Of("set-link-up", $"Bring interface {down.Name} up.", NameGrammar.Interface.Word(down.Name) is { } link
                ? ShellCommand.Of($"{RunAs.Root(context)}ip link set dev {link} up") : null, "the interface carries traffic", "none");
        // What helps bind() does not help connect().
        if (context.Target.Destination is not null)
            yield break;
        var there = ElsewhereFinder.AskWithAddress(context).ToList();
        foreach (var remedy in there)
            yield return remedy;
        yield return BindElsewhere.Wildcard($"ip -brief address");
        // To bind an address that another namespace has would bring no client.
        if (request.Address is { IsMulticast: false } && there.Count == 0)
        {
            var sysctl = request.Address.Family == IpFamily.IPv6
                ? ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv6.ip_nonlocal_bind=1")
                : ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv4.ip_nonlocal_bind=1");
            yield return Remedy.Of("allow-nonlocal",
                "Allow addresses that are not there yet (failover), for all programs; one alone can set IP_FREEBIND.", sysctl,
                "every program may bind any address", "a mistyped address is no longer noticed");
        }
    }

    private static Remedy UseIPv4(DiagnosisContext context) =>
        context.Target.Destination is not { } destination ? BindElsewhere.IPv4Instead(
            $"bindwise why {context.QuestionAbout(
                context.Decisive.Request.Address.IsLoopback ? IpAddress.LoopbackIPv4 : IpAddress.AnyIPv4, scope: null)}")
        : BindElsewhere.ConnectOverIPv4(destination.Address is { IsLoopback: true }
            ? ShellCommand.Of($"bindwise why 'connect {new IpEndpoint(IpAddress.LoopbackIPv4, destination.Port)}'") : null);

    private static Remedy EnableIPv6(DiagnosisContext context)
    {
        if (context.Snapshot.Settings.DisableIPv6 == true
            || LinkWithoutIPv6(context.Decisive.Request, context.Snapshot) is not { Name: var name })
            return Remedy.Of("enable-ipv6", "Switch IPv6 on.", $"{RunAs.Root(context)}sysctl -w net.ipv6.conf.all.disable_ipv6=0",
                "every interface gets IPv6 addresses", FirewallRisk);
        // With slashes the dot of a VLAN's name is one of the name (sysctl(8)).
        var command = NameGrammar.Interface.Word(name) is not { } link ? null
            : name.Contains('.', StringComparison.Ordinal)
                ? ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net/ipv6/conf/{link}/disable_ipv6=0")
            : ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv6.conf.{link}.disable_ipv6=0");
        return Remedy.Of("enable-ipv6", $"Switch IPv6 on for {name}.", command, $"{name} gets IPv6 addresses", FirewallRisk);
    }

    private static IEnumerable<Remedy> AddScope(DiagnosisContext context)
    {
        const int Most = 4;
        var address = context.Decisive.Request.Address;
        // A group is on every link; any other address only where an interface has it.
        var links = context.Snapshot.Interfaces.Where(i => address.IsMulticast ? i.Addresses.Any(static a => a.Address.IsLinkLocal)
            : i.Addresses.Any(a => a.Address == address)).Select(static i => i.Name).Take(Most).ToList();
        if (links.Count == 0)
            return
            [
                Remedy.Of("list-interfaces", address.IsMulticast ? "Add the interface to the address, such as %eth0."
                    : $"No interface of this host has {address}: take an address that one has, and add the interface to it.",
                    $"ip -6 -brief address", "nothing", "none"),
            ];
        return links.Select((link, at) => BindElsewhere.WithScope(
            links.Count == 1 ? "Add the interface to the address." : at > 0 ? $"Add {link}, which has it too."
                : $"Add the interface to the address; {Wording.List(links)} have it.",
            $"bindwise why {context.QuestionAbout(address, link)}"));
    }
}
