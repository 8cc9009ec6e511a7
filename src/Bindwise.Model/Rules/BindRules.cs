using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Rules;

/// <summary>The whole of bind(): errors in the kernel's order, then the conflicts. A pure function of request and snapshot.</summary>
public static class BindRules
{
    /// <summary>Decides one bind(); listen() right after it runs the same conflict check, so it gets the same answer.</summary>
    public static Decision Decide(BindRequest request, Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(snapshot);
        if (request.Protocol == Protocol.Unix)
            return UnixBindRules.Decide(request, snapshot);
        var want = AskingSocketFor(request, snapshot);
        if (AddressRules.FirstError(request, want, snapshot) is { } error)
            return error;
        return request.Port == 0 ? PortZero(snapshot) : Conflicts(request, snapshot);
    }

    /// <summary>The conflicts alone, whatever bind() would have met before them: a privileged port may be taken as well.</summary>
    public static Decision Conflicts(BindRequest request, Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(snapshot);
        // An unread table denies nothing.
        return snapshot.Coverage.SocketsUnread
            ? Decision.Unsettled(RuleBook.HeldExclusively)
            : ConflictRules.Decide(AskingSocketFor(request, snapshot), snapshot.Sockets);
    }

    private static AskingSocket AskingSocketFor(BindRequest request, Snapshot snapshot)
    {
        // A link-local scope overwrites the bound device (__inet6_bind).
        var device = request.Scope is { } scope && AddressRules.NeedsScope(request.Address) ? scope : request.Device;
        var index = device is null ? 0 : AddressRules.DeviceIndexOf(device, snapshot);
        return AskingSocket.From(request, snapshot.Settings.BindV6Only ?? false, index);
    }

    private static Decision PortZero(Snapshot snapshot) => snapshot.Ephemeral switch
    {
        { Usable: var usable, Used: var used } when used < usable => Decision.Allow(RuleBook.EphemeralPortFree),
        // A used port may still be shared with sockets on other addresses, and an odd range loses a port: only a bind() tells.
        _ => Decision.Unsettled(RuleBook.EphemeralPortsExhausted),
    };
}
