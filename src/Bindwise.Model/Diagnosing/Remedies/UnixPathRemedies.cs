using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>
/// What to do about a file at a UNIX path to which no socket that was seen is bound. It is to be removed only where connect() was refused:
/// whoever removes the file of a living server cuts off its clients without a word.
/// </summary>
internal static class UnixPathRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context) => context.Snapshot.UnixPath switch
    {
        { IsSocket: true, IsServed: Fact.No } file => UnusedSockets(context, file),
        { IsSocket: true, IsServed: Fact.Yes } file =>
            [AskThere(context, file), BindElsewhere.OtherPath("Take another path; the server that uses this one would lose its clients.")],
        { IsSocket: true } => [AskAsRoot(context, "Ask as root, who may connect to it and look into every network namespace."),
            BindElsewhere.OtherPath("Take another path; a server may still use this one.")],
        _ => [BindElsewhere.OtherPath("Take another path; what is there is not a socket.")],
    };

    private static IEnumerable<Remedy> UnusedSockets(DiagnosisContext context, UnixPathRecord file)
    {
        var caller = context.Snapshot.Caller.UserId;
        yield return Remedy.Of("remove-socket-file", "Remove the left-over file; no server is bound to it.",
            NameGrammar.Path.Word(context.Target.Path) is { } path
                ? ShellCommand.Of($"{(caller == file.UserId ? ShellCommand.Empty : RunAs.Root(context))}rm -- {path}") : null,
                "the file is gone",
            "on a network file system another host may serve it");
        yield return CodeRemedies.Of("unlink-before-bind", "Have the server remove it before bind(), once a connect() to it is refused.",
            SnippetKind.UnlinkBeforeBind, TargetLanguage.Starting(context), "the server's code",
            "two servers that start at the same time may remove each other's file");
    }

    private static Remedy AskThere(DiagnosisContext context, UnixPathRecord file)
    {
        if (file.Server is { } server)
        {
            return Remedy.Of(ElsewhereFinder.AskThere,
                $"Ask in the network namespace of {ProcessNames.Short(server)}, where the socket and its holders are visible.",
                $"{RunAs.Root(context)}bindwise why {context.Argument} --netns {server.Id}", "nothing", "none");
        }
        return context.Snapshot.Caller.UserId != 0
            ? AskAsRoot(context, "Ask as root, who looks into every network namespace.")
            : Remedy.Of(ElsewhereFinder.AskThere, "Ask on the host, outside this container; its server is not visible in here.", null,
                "nothing", "none");
    }

    private static Remedy AskAsRoot(DiagnosisContext context, string text) => context.Snapshot.Caller.UserId == 0
        ? Remedy.Of("look-again", "Look at the evidence; connect() did not show whether a server is there.",
            $"bindwise why {context.Argument} --verbose", "nothing", "none")
        : Remedy.Of("ask-as-root", text, $"{RunAs.Root(context)}bindwise why {context.Argument}", "nothing", "none");
}

/// <summary>What helps where only one of IPv4 and IPv6 is taken: the other family alone.</summary>
internal static class FamilyRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext context)
    {
        if (context.Main is not { Socket.Protocol: not Protocol.Unix } || context.Decisive.Errno != "EADDRINUSE")
            yield break;
        if (IsFreeOn(context, IpFamily.IPv4))
        {
            yield return Remedy.Of("use-ipv4",
                $"Have your server bind 0.0.0.0; port {Wording.Number(context.Plan.Port ?? 0)} is free on IPv4.",
                null,
                "where the program listens", "IPv6 clients reach the other program");
        }
        else if (LeavesIPv4(context))
        {
            yield return CodeRemedies.Of(
                "set-v6-only-here",
                "Set IPV6_V6ONLY on your [::] socket; it then leaves IPv4 to the other program.",
                SnippetKind.SetV6Only, TargetLanguage.Starting(context),
                "your server no longer takes IPv4 clients",
                "IPv4 clients reach the other program");
        }
    }

    private static bool IsFreeOn(DiagnosisContext context, IpFamily family) => context.Asked.Length > 1
        && context.Asked.Any(j => j.Request.Address.Family == family && j.Outcome == Outcome.Allowed);

    /// <summary>[::] is asked about, and with IPV6_V6ONLY nothing would be in its way.</summary>
    private static bool LeavesIPv4(DiagnosisContext context) =>
        context.Target.Address == IpAddress.AnyIPv6 && context.Main is { Socket.State: not TcpSocketState.TimeWait }
        && context.Asked.FirstOrDefault(static j => j.Request.Address == IpAddress.AnyIPv6) is { Outcome: Outcome.Blocked } assessment
        && context.Blockers.Any(static b => b.Socket.Local.Address.AsIPv4 is not null)
        && BindRules.Decide(assessment.Request with { V6Only = true }, context.Snapshot).Outcome == Outcome.Allowed;
}

/// <summary>What to do when no socket is in the way, but the port, the address or a policy.</summary>
internal static class RefusalRemedies
{
    /// <summary>For an IPv6 address where IPv6 is off.</summary>
    public static IEnumerable<Remedy> OfDisabledIPv6(DiagnosisContext context) =>
    [
        Remedy.Of("enable-ipv6", "Switch IPv6 on.", $"{RunAs.Root(context)}sysctl -w net.ipv6.conf.all.disable_ipv6=0",
            "every interface gets IPv6 addresses", "check the firewall: services become reachable over IPv6"),
        BindElsewhere.IPv4Instead(
            $"bindwise why {(context.Decisive.Request.Address.IsLoopback ? IpAddress.LoopbackIPv4 : IpAddress.AnyIPv4)}:"
                + $"{context.Plan.Port ?? 0}"),
    ];

    /// <summary>For an interface that does not exist or does not have the address.</summary>
    public static IEnumerable<Remedy> OfDevice(DiagnosisContext context) => context.Decisive.Errno == "ENODEV"
        ? [Remedy.Of("list-interfaces", "See which interfaces there are.", $"ip -brief link", "nothing", "none")]
        : [Remedy.Of("list-interfaces", "See which interface has the address.", $"ip -brief address", "nothing", "none")];

    /// <summary>For an address that this host does not have, or not yet.</summary>
    public static IEnumerable<Remedy> OfAddress(DiagnosisContext context)
    {
        var request = context.Decisive.Request;
        if (request.Protocol == Protocol.Unix)
            yield break;
        if (context.Decisive.Rule == RuleBook.MappedOnV6Only)
        {
            yield return CodeRemedies.Of("clear-v6only", "Leave IPV6_V6ONLY off, or bind the IPv4 address with an IPv4 socket.",
                SnippetKind.ClearV6Only, TargetLanguage.Starting(context), "the program's code", "none");
            yield break;
        }
        if (context.Cause == Cause.AddressTentative)
            yield return Remedy.Of("wait-for-dad", "Wait a second or two for duplicate address detection to end.",
                $"ip -6 address show tentative", "nothing",
                "an address that failed (dadfailed) stays unusable, because another host has it");
        var down = context.Snapshot.Interfaces.FirstOrDefault(
            i => !i.IsUp && i.Addresses.Any(a => a.Address == request.Address || (a.Address.IsLoopback && request.Address.IsLoopback)));
        if (down is not null)
            yield return Remedy.Of("set-link-up", $"Bring interface {down.Name} up.", NameGrammar.Interface.Word(down.Name) is { } link
                ? ShellCommand.Of($"{RunAs.Root(context)}ip link set dev {link} up") : null, "the interface carries traffic", "none");
        yield return BindElsewhere.Wildcard($"ip -brief address");
        if (request.Address is { IsMulticast: false })
        {
            var sysctl = request.Address.Family == IpFamily.IPv6
                ? ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv6.ip_nonlocal_bind=1")
                : ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv4.ip_nonlocal_bind=1");
            yield return Remedy.Of("allow-nonlocal",
                "Allow addresses that are not there yet (failover), for all programs; one alone can set IP_FREEBIND.", sysctl,
                "every program may bind any address", "a mistyped address is no longer noticed");
        }
    }

    /// <summary>For a link-local address without its interface.</summary>
    public static IEnumerable<Remedy> OfScope(DiagnosisContext context)
    {
        var request = context.Decisive.Request;
        var link = context.Snapshot.Interfaces.FirstOrDefault(i => i.Addresses.Any(a => a.Address == request.Address))
            ?? context.Snapshot.Interfaces.FirstOrDefault(static i => i.Addresses.Any(static a => a.Address.IsLinkLocal));
        var name = (link ?? context.Snapshot.Interfaces.FirstOrDefault(static i => i.Name != "lo")
            ?? context.Snapshot.Interfaces.FirstOrDefault())?.Name ?? "eth0";
        yield return BindElsewhere.WithScope("Add the interface to the address.",
            NameGrammar.Target.Word($"[{request.Address}%{name}]:{Wording.Number(context.Plan.Port ?? 0)}") is { } target
                ? ShellCommand.Of($"bindwise why {target}") : null);
    }

    /// <summary>For a UNIX path in a folder that cannot take it.</summary>
    public static IEnumerable<Remedy> OfPath(DiagnosisContext context) => context.Decisive.Errno switch
    {
        "ENOENT" => [Remedy.Of("make-folder", "Create the folder, owned by the user that runs the server.",
            FolderOf(context) is { } folder ? ShellCommand.Of($"mkdir -p -- {folder}") : null, "the folder exists", "none")],
        "EACCES" =>
        [
            BindElsewhere.OtherPath(
                "Take a path in a folder that the server's user owns, such as /run/user/UID or one made by systemd's RuntimeDirectory=."),
            LookAtFolder(context),
        ],
        "EINVAL" => [Remedy.Of("shorter-path", "Take a shorter path, or change to the folder and bind a relative one.", null,
            "where clients connect", "clients have to be told")],
        _ => [BindElsewhere.OtherPath("Take another path."), LookAtFolder(context)],
    };

    private static Remedy LookAtFolder(DiagnosisContext context) =>
        Remedy.Of("look-at-folder", "See who may write to the folder.",
            FolderOf(context) is { } folder ? ShellCommand.Of($"ls -ld -- {folder}") : null, "nothing", "none");

    private static ShellWord? FolderOf(DiagnosisContext context)
    {
        var path = context.Target.Path ?? "";
        var slash = path.LastIndexOf('/');
        return NameGrammar.Path.Word(slash <= 0 ? "/" : path[..slash]);
    }
}
