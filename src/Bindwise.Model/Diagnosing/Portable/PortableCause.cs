using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>The cause behind a portable answer: from the error and from what the system lists, never by guess.</summary>
internal static class PortableCause
{
    private const int FirstOpenPort = 1024;

    /// <summary>The cause, then others that hold as well.</summary>
    public static ImmutableArray<CauseId> Of(PortableContext f)
    {
        if (f.Verdict == Verdict.Free)
            return [CauseId.Free];
        if (f.Target.Protocol == Protocol.Unix)
            return [f.Verdict == Verdict.Undetermined ? CauseId.OwnerHidden : CauseId.UnixSocketFile];
        if (f.Verdict == Verdict.Undetermined || f.Errno == "EADDRINUSE")
            return [InUse(f)];
        var refusal = Refusal(f);
        return f.SeesListener && refusal != CauseId.Listener ? [refusal, CauseId.Listener] : [refusal];
    }

    private static CauseId InUse(PortableContext f)
    {
        if (f.Port == 0 && f.Verdict == Verdict.Blocked)
            return CauseId.PortsExhausted;
        if (f.Target.Protocol == Protocol.Udp)
            return f.Meeting.IsEmpty ? CauseId.OwnerHidden : CauseId.UdpSocket;
        if (f.SeesListener)
            return CauseId.Listener;
        var states = f.Meeting.Select(static s => s.State).ToHashSet();
        if (f.Meeting.Any(static s => s.Local == s.Remote))
            return CauseId.SelfConnection;
        if (states.Contains(TcpState.Established) || states.Contains(TcpState.SynSent) || states.Contains(TcpState.SynReceived))
            return CauseId.OwnerHidden;
        return states.Contains(TcpState.CloseWait) ? CauseId.CloseWait
            : states.Contains(TcpState.FinWait1) || states.Contains(TcpState.FinWait2) || states.Contains(TcpState.Closing) ? CauseId.FinWait
            : states.Contains(TcpState.LastAck) ? CauseId.LastAck
            : states.Contains(TcpState.TimeWait) ? CauseId.TimeWait
            : CauseId.OwnerHidden;
    }

    private static CauseId Refusal(PortableContext f)
    {
        var address = f.Decisive?.Request.Address ?? default;
        var isLinkLocal = address.IsLinkLocal && f.Target.Scope is null;
        return f.Errno switch
        {
            // Windows knows no privileged ports; its 10013 comes from an exclusive holder or from an excluded range.
            "EACCES" when f.System == Snapshots.HostSystem.Windows => f.SeesListener ? CauseId.Listener : CauseId.DeniedByPolicy,
            "EACCES" when f.Port is > 0 and < FirstOpenPort => CauseId.PrivilegedPort,
            "EADDRNOTAVAIL" or "EINVAL" when isLinkLocal => CauseId.ScopeMissing,
            "EAFNOSUPPORT" when address.Family == IpFamily.IPv6 => CauseId.IPv6Disabled,
            "EADDRNOTAVAIL" when address.Family == IpFamily.IPv6 && !f.Snapshot.Settings.HasIPv6 => CauseId.IPv6Disabled,
            "EADDRNOTAVAIL" or "EINVAL" or "EAFNOSUPPORT" => CauseId.AddressNotLocal,
            _ => CauseId.DeniedByPolicy,
        };
    }
}
