using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Causes;

/// <summary>The cause of a bind() that no socket blocks: the address, the port or a policy is in the way.</summary>
internal static class RefusalCause
{
    public static Cause? Of(BindAssessment assessment, Snapshot snapshot)
    {
        var rule = assessment.Rule;
        if (rule == RuleBook.PrivilegedPort)
            return Cause.PrivilegedPort;
        if (rule == RuleBook.DeniedByPolicy || assessment.IsOpenByPolicy)
            return Cause.DeniedByPolicy;
        if (rule == RuleBook.FamilyNotSupported)
            return assessment.Request.Address.Family == IpFamily.IPv6 ? Cause.IPv6Disabled : Cause.AddressNotLocal;
        if (rule == RuleBook.NoSuchDevice)
            return Cause.DeviceMismatch;
        if (rule == RuleBook.LinkLocalNeedsScope)
            return Cause.ScopeMissing;
        if (rule == RuleBook.EphemeralPortsExhausted || rule == ConnectionRuleBook.ConnectPortsExhausted)
            return Cause.PortsExhausted;
        if (rule == RuleBook.AddressNotLocalIPv6)
            return IPv6Cause(assessment.Request, snapshot);
        if (rule == RuleBook.UnixPathExists)
            return !assessment.Decision.Blockers.IsEmpty ? null
                : UnixPathSentences.IsServedOutOfSight(snapshot) ? Cause.UnixSocketListener : Cause.UnixSocketFile;
        if (rule == RuleBook.UnixPathUnreachable)
            return Cause.UnixSocketFile;
        return rule == RuleBook.AddressNotLocal || rule == RuleBook.MappedOnV6Only || rule == RuleBook.MulticastOnTcpIPv6
            ? Cause.AddressNotLocal
            : null;
    }

    private static Cause IPv6Cause(BindRequest request, Snapshot snapshot)
    {
        var own = snapshot.Interfaces.SelectMany(static i => i.Addresses).FirstOrDefault(a => a.Address == request.Address);
        if (own is { IsTentative: true } or { IsDuplicate: true })
            return Cause.AddressTentative;
        if (own is not null && (request.Device is not null || request.Scope is not null))
            return Cause.DeviceMismatch;
        return snapshot.Settings.DisableIPv6 == true ? Cause.IPv6Disabled : Cause.AddressNotLocal;
    }
}

/// <summary>What is said of a UNIX path where a file stands: served, left over, or not known.</summary>
internal static class UnixPathSentences
{
    /// <summary>connect() finds a server at the file, and no table that was read shows it.</summary>
    public static bool IsServedOutOfSight(Snapshot snapshot) => snapshot.UnixPath is { IsSocket: true, IsServed: Fact.Yes };

    /// <summary>The first line, where no socket that was seen is bound to the file.</summary>
    public static string Taken(DiagnosisContext context) => $"{context.Name} is taken (EADDRINUSE): " + context.Snapshot.UnixPath switch
    {
        { IsSocket: true, IsServed: Fact.Yes, Server: { } server } =>
            $"{ProcessNames.Short(server)} serves it, from another network namespace.",
        { IsSocket: true, IsServed: Fact.Yes } => "a server in another network namespace, not visible from here, is bound to it.",
        { IsSocket: true, IsServed: Fact.No } => "a socket file is left over, and no server is bound to it any more.",
        { IsSocket: true } => "a socket file is there; whether a server still uses it is not known.",
        { Kind: var kind } => $"a {kind} is there.",
        null => "something is there.",
    };

    /// <summary>The part of the first line that tells where a socket was found; empty for the network namespace in question.</summary>
    public static string Place(DiagnosisContext context, Blocker main) =>
        main.Socket.Protocol != Protocol.Unix
            || context.Snapshot.Elsewhere?.Sockets.FirstOrDefault(r => r.Socket == main.Socket) is not { } record ? ""
        : record.IsCallers ? ", in the network namespace of bindwise itself"
        : record.NetworkName is { } name ? $", in another network namespace ({name})"
        : ", in another network namespace";
}
