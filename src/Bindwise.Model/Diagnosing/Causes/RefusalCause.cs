using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Causes;

/// <summary>The cause of a bind() that no socket blocks: the address, the port or a policy is in the way.</summary>
internal static class RefusalCause
{
    public static CauseId? Of(BindAssessment judgement, Snapshot snapshot)
    {
        var rule = judgement.Rule;
        if (rule == RuleBook.PrivilegedPort)
            return CauseId.PrivilegedPort;
        if (rule == RuleBook.DeniedByPolicy || judgement.IsOpenByPolicy)
            return CauseId.DeniedByPolicy;
        if (rule == RuleBook.FamilyNotSupported)
            return judgement.Request.Address.Family == IpFamily.IPv6 ? CauseId.IPv6Disabled : CauseId.AddressNotLocal;
        if (rule == RuleBook.NoSuchDevice)
            return CauseId.DeviceMismatch;
        if (rule == RuleBook.LinkLocalNeedsScope)
            return CauseId.ScopeMissing;
        if (rule == RuleBook.EphemeralPortsExhausted || rule == ConnectionRuleBook.ConnectPortsExhausted)
            return CauseId.PortsExhausted;
        if (rule == RuleBook.AddressNotLocalIPv6)
            return IPv6Cause(judgement.Request, snapshot);
        if (rule == RuleBook.UnixPathExists)
            return !judgement.Decision.Blockers.IsEmpty ? null
                : UnixPathSentences.IsServedOutOfSight(snapshot) ? CauseId.UnixSocketListener : CauseId.UnixSocketFile;
        if (rule == RuleBook.UnixPathUnreachable)
            return CauseId.UnixSocketFile;
        return rule == RuleBook.AddressNotLocal || rule == RuleBook.MappedOnV6Only || rule == RuleBook.MulticastOnTcpIPv6
            ? CauseId.AddressNotLocal
            : null;
    }

    private static CauseId IPv6Cause(BindRequest request, Snapshot snapshot)
    {
        var own = snapshot.Interfaces.SelectMany(static i => i.Addresses).FirstOrDefault(a => a.Address == request.Address);
        if (own is { IsTentative: true } or { IsDuplicate: true })
            return CauseId.AddressTentative;
        if (own is not null && (request.Device is not null || request.Scope is not null))
            return CauseId.DeviceMismatch;
        return snapshot.Settings.DisableIPv6 == true ? CauseId.IPv6Disabled : CauseId.AddressNotLocal;
    }
}
