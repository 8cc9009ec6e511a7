using Bindwise.Model.Diagnosing.Policies;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>Why the kernel refuses a bind() that no socket blocks: the part of the first line after the colon.</summary>
internal static class Refusals
{
    public const string Unexplained = "the kernel refuses it";

    public static string PrivilegedPort(DiagnosisContext context) =>
        $"ports below {Wording.Number(context.Snapshot.Settings.UnprivilegedPortStart ?? 1024)} need root or CAP_NET_BIND_SERVICE"
            + AlsoTaken(context);

    public static string DeniedByPolicy(DiagnosisContext context) => context.Decisive.IsTakenElsewhere
        ? $"no socket is on this port, so {PolicyNames.Rewriter(context.Policies)} binds another one, which is taken"
        : PolicyNames.Summary(context.Policies, context.Main is null) + AlsoTaken(context);

    public static string AddressTentative(DiagnosisContext context)
    {
        var address = context.Decisive.Request.Address;
        return context.Snapshot.Interfaces.Any(i => i.Addresses.Any(a => a.Address == address && a.IsDuplicate))
            ? $"{address} failed duplicate address detection: another host has it"
            : $"{address} is still checked for duplicates (tentative)";
    }

    public static string ScopeMissing(DiagnosisContext context)
    {
        var address = context.Decisive.Request.Address;
        return $"{address} is {(address.IsMulticast ? "a multicast group of one link" : "link-local")} and needs its interface";
    }

    public static string DeviceMismatch(DiagnosisContext context)
    {
        var request = context.Decisive.Request;
        return context.Decisive.Errno == "ENODEV"
            ? $"there is no interface {request.Device ?? request.Scope}"
            : $"{request.Address} is not on interface {request.Device ?? request.Scope}";
    }

    public static string AddressNotLocal(DiagnosisContext context)
    {
        var address = context.Decisive.Request.Address;
        if (context.Decisive.Rule == RuleBook.MulticastOnTcpIPv6)
            return "TCP cannot be bound to a multicast address";
        if (context.Decisive.Rule == RuleBook.MappedOnV6Only)
            return "an IPv6-only socket cannot take a v4-mapped address";
        if (context.Decisive.Rule == RuleBook.FamilyNotSupported)
            return $"this kernel has no {(address.Family == IpFamily.IPv6 ? "IPv6" : "IPv4")}";
        var link = context.Snapshot.Interfaces.FirstOrDefault(
            i => i.Addresses.Any(a => a.Address == address || (a.Address.IsLoopback && address.IsLoopback)));
        return link is { IsUp: false }
            ? $"interface {link.Name}, which has {address}, is down"
            : $"no interface of this host has {address}";
    }

    public static string UnreachablePath(DiagnosisContext context) => "its folder " + context.Decisive.Errno switch
    {
        "ENOENT" => "does not exist",
        "ENOTDIR" => "is not a folder",
        "EACCES" => "is not writable by this user",
        "EROFS" => "is on a read-only file system",
        "EINVAL" => "and name are longer than the 107 bytes that a UNIX address holds",
        _ => "cannot be reached",
    };

    private static string AlsoTaken(DiagnosisContext context) =>
        context.Main is null ? "" : $"; it is also taken: {Summaries.Holding(context)}";
}
