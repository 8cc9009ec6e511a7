using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Idioms;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>What to do when no socket is in the way, but the port, the address or a policy.</summary>
internal static class RefusalRemedies
{
    public static IEnumerable<Remedy> Of(Findings f)
    {
        var request = f.Decisive.Request;
        var port = Wording.Number(f.Plan.Port ?? 0);
        return f.Cause.Value switch
        {
            "privileged-port" =>
            [
                new("other-port", $"Take a port from {Wording.Number(f.Snapshot.Settings.UnprivilegedPortStart ?? 1024)} up, and let a proxy or a redirect serve the low one.", null, "where the program listens", "none"),
                new("grant-capability", "Give the program the right to bind low ports.", "sudo setcap cap_net_bind_service=+ep /path/to/program", "every user who may run that file may bind low ports with it", "an interpreter (python, node) would give the right to every script"),
                new("lower-start", "Let everybody bind from this port up.", $"sudo sysctl -w net.ipv4.ip_unprivileged_port_start={port}", "the whole network namespace, until the next boot", "any user may then take these ports"),
            ],
            "address-not-local" or "address-tentative" when request.Protocol != Protocol.Unix => AddressRemedies(f, request),
            "scope-missing" => ScopeRemedies(f, request),
            "ipv6-disabled" =>
            [
                new("enable-ipv6", "Switch IPv6 on.", "sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0", "every interface gets IPv6 addresses", "what is reachable over IPv6 changes: look at the firewall"),
                new("use-ipv4", "Bind the IPv4 address instead.", $"bindwise why {(request.Address.IsLoopback ? "127.0.0.1" : "0.0.0.0")}:{port}", "where the program listens", "IPv6 clients cannot reach it"),
            ],
            "device-mismatch" => [new("list-interfaces", "Look which interface has the address.", "ip -brief address", "nothing", "none")],
            "unix-socket-file" => [PathRemedy(f)],
            "denied-by-policy" => [new("look-at-policy", "Look for a policy: systemd's SocketBindDeny=, SELinux port types, AppArmor, seccomp.", "journalctl -k | grep -iE 'denied|audit'", "nothing", "none")],
            _ => [],
        };
    }

    private static IEnumerable<Remedy> AddressRemedies(Findings f, BindRequest request)
    {
        if (f.Decisive.Rule == RuleBook.MappedOnV6Only)
        {
            yield return CodeRemedies.Of("clear-v6only", "Leave IPV6_V6ONLY off on the socket, or bind the IPv4 address with an IPv4 socket.", Thought.ClearV6Only, Speaker.Starting(f), "the program's code", "none");
            yield break;
        }
        if (f.Cause == CauseId.AddressTentative)
            yield return new Remedy("wait-for-dad", "Wait a second or two until duplicate address detection has ended.", "ip -6 address show tentative", "nothing", "an address that failed it (dadfailed) stays unusable: another host has it");
        var down = f.Snapshot.Interfaces.FirstOrDefault(i => !i.IsUp && i.Addresses.Any(a => a.Address == request.Address || (a.Address.IsLoopback && request.Address.IsLoopback)));
        if (down is not null)
            yield return new Remedy("set-link-up", $"Bring interface {down.Name} up.", $"sudo ip link set {ShellQuoting.Quote(down.Name)} up", "the interface carries traffic", "none");
        yield return new Remedy("use-wildcard", "Bind the wildcard, or an address that this host has.", "ip -brief address", "where the program listens", "the wildcard is reachable on every interface");
        if (request.Address is { IsMulticast: false })
        {
            var sysctl = request.Address.Family == IpFamily.IPv6 ? "net.ipv6.ip_nonlocal_bind" : "net.ipv4.ip_nonlocal_bind";
            yield return new Remedy("allow-nonlocal", "Allow addresses that come later (failover): IP_FREEBIND on the socket, or for all.", $"sudo sysctl -w {sysctl}=1", "every program may bind any address", "a mistyped address is no longer noticed");
        }
    }

    private static IEnumerable<Remedy> ScopeRemedies(Findings f, BindRequest request)
    {
        var link = f.Snapshot.Interfaces.FirstOrDefault(i => i.Addresses.Any(a => a.Address == request.Address))
            ?? f.Snapshot.Interfaces.FirstOrDefault(static i => i.Addresses.Any(static a => a.Address.IsLinkLocal));
        var name = (link ?? f.Snapshot.Interfaces.FirstOrDefault(static i => i.Name != "lo") ?? f.Snapshot.Interfaces.FirstOrDefault())?.Name ?? "eth0";
        yield return new Remedy("add-scope", "Name the interface behind the address.", $"bindwise why '[{request.Address}%{name}]:{Wording.Number(f.Plan.Port ?? 0)}'", "which interface the program listens on", "none");
    }

    private static Remedy PathRemedy(Findings f) => f.Decisive.Errno switch
    {
        "ENOENT" => new("make-folder", "Make the folder, owned by the user that runs the server.", $"mkdir -p -- {ShellQuoting.Quote(FolderOf(f.Name))}", "the folder exists", "none"),
        "EACCES" => new("other-path", "Take a path in a folder of the server's user, as /run/user/UID or one that systemd's RuntimeDirectory= makes.", $"ls -ld -- {ShellQuoting.Quote(FolderOf(f.Name))}", "where clients connect", "clients have to be told"),
        "EINVAL" => new("shorter-path", "Take a shorter path, or change to the folder and bind a relative one.", null, "where clients connect", "clients have to be told"),
        _ => new("other-path", "Take another path.", $"ls -ld -- {ShellQuoting.Quote(FolderOf(f.Name))}", "where clients connect", "clients have to be told"),
    };

    private static string FolderOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }
}
