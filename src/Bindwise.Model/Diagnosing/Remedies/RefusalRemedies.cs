using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>What to do when no socket is in the way, but the port, the address or a policy.</summary>
internal static class RefusalRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext f)
    {
        var request = f.Decisive.Request;
        var port = f.Plan.Port ?? 0;
        return f.Cause.Value switch
        {
            "privileged-port" => PolicyRemedies.Privileged(f),
            "address-not-local" or "address-tentative" when request.Protocol != Protocol.Unix => AddressRemedies(f, request),
            "scope-missing" => ScopeRemedies(f, request),
            "ipv6-disabled" =>
            [
                Remedy.Of("enable-ipv6", "Switch IPv6 on.", $"sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0", "every interface gets IPv6 addresses", "check the firewall: services become reachable over IPv6"),
                Remedy.Of("use-ipv4", "Bind the IPv4 address instead.", $"bindwise why {(request.Address.IsLoopback ? IpAddress.LoopbackIPv4 : IpAddress.AnyIPv4)}:{port}", "where the program listens", "IPv6 clients cannot reach it"),
            ],
            "device-mismatch" when f.Decisive.Errno == "ENODEV" => [Remedy.Of("list-interfaces", "See which interfaces there are.", $"ip -brief link", "nothing", "none")],
            "device-mismatch" => [Remedy.Of("list-interfaces", "See which interface has the address.", $"ip -brief address", "nothing", "none")],
            "unix-socket-file" => PathRemedies(f),
            "denied-by-policy" => PolicyRemedies.Of(f),
            _ => [],
        };
    }

    private static IEnumerable<Remedy> AddressRemedies(DiagnosisContext f, BindRequest request)
    {
        if (f.Decisive.Rule == RuleBook.MappedOnV6Only)
        {
            yield return CodeRemedies.Of("clear-v6only", "Leave IPV6_V6ONLY off, or bind the IPv4 address with an IPv4 socket.", SnippetKind.ClearV6Only, TargetLanguage.Starting(f), "the program's code", "none");
            yield break;
        }
        if (f.Cause == CauseId.AddressTentative)
            yield return Remedy.Of("wait-for-dad", "Wait a second or two for duplicate address detection to end.", $"ip -6 address show tentative", "nothing", "an address that failed (dadfailed) stays unusable, because another host has it");
        var down = f.Snapshot.Interfaces.FirstOrDefault(i => !i.IsUp && i.Addresses.Any(a => a.Address == request.Address || (a.Address.IsLoopback && request.Address.IsLoopback)));
        if (down is not null)
            yield return Remedy.Of("set-link-up", $"Bring interface {down.Name} up.", NameGrammar.Interface.Word(down.Name) is { } link ? ShellCommand.Of($"sudo ip link set dev {link} up") : null, "the interface carries traffic", "none");
        yield return Remedy.Of("use-wildcard", "Bind the wildcard, or an address this host has.", $"ip -brief address", "where the program listens", "the wildcard is reachable on every interface");
        if (request.Address is { IsMulticast: false })
        {
            var sysctl = request.Address.Family == IpFamily.IPv6 ? ShellCommand.Of($"sudo sysctl -w net.ipv6.ip_nonlocal_bind=1") : ShellCommand.Of($"sudo sysctl -w net.ipv4.ip_nonlocal_bind=1");
            yield return Remedy.Of("allow-nonlocal", "Allow addresses that are not there yet (failover), for all programs; one alone can set IP_FREEBIND.", sysctl, "every program may bind any address", "a mistyped address is no longer noticed");
        }
    }

    private static IEnumerable<Remedy> ScopeRemedies(DiagnosisContext f, BindRequest request)
    {
        var link = f.Snapshot.Interfaces.FirstOrDefault(i => i.Addresses.Any(a => a.Address == request.Address))
            ?? f.Snapshot.Interfaces.FirstOrDefault(static i => i.Addresses.Any(static a => a.Address.IsLinkLocal));
        var name = (link ?? f.Snapshot.Interfaces.FirstOrDefault(static i => i.Name != "lo") ?? f.Snapshot.Interfaces.FirstOrDefault())?.Name ?? "eth0";
        yield return Remedy.Of("add-scope", "Add the interface to the address.", NameGrammar.Target.Word($"[{request.Address}%{name}]:{Wording.Number(f.Plan.Port ?? 0)}") is { } target ? ShellCommand.Of($"bindwise why {target}") : null, "which interface the program listens on", "none");
    }

    private static ImmutableArray<Remedy> PathRemedies(DiagnosisContext f) => f.Decisive.Errno switch
    {
        "ENOENT" => [Remedy.Of("make-folder", "Create the folder, owned by the user that runs the server.", FolderOf(f) is { } folder ? ShellCommand.Of($"mkdir -p -- {folder}") : null, "the folder exists", "none")],
        "EACCES" =>
        [
            Remedy.Of("other-path", "Take a path in a folder that the server's user owns, such as /run/user/UID or one made by systemd's RuntimeDirectory=.", null, "where clients connect", "clients have to be told"),
            LookAtFolder(f),
        ],
        "EINVAL" => [Remedy.Of("shorter-path", "Take a shorter path, or change to the folder and bind a relative one.", null, "where clients connect", "clients have to be told")],
        _ => [Remedy.Of("other-path", "Take another path.", null, "where clients connect", "clients have to be told"), LookAtFolder(f)],
    };

    private static Remedy LookAtFolder(DiagnosisContext f) =>
        Remedy.Of("look-at-folder", "See who may write to the folder.", FolderOf(f) is { } folder ? ShellCommand.Of($"ls -ld -- {folder}") : null, "nothing", "none");

    private static ShellWord? FolderOf(DiagnosisContext f)
    {
        var path = f.Target.Path ?? "";
        var slash = path.LastIndexOf('/');
        return NameGrammar.Path.Word(slash <= 0 ? "/" : path[..slash]);
    }
}
