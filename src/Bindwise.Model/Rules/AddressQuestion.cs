using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>What bind() checks before the conflicts: the socket, and what was done with it so far.</summary>
/// <param name="Want">The asking socket; its device is that of SO_BINDTODEVICE.</param>
/// <param name="SocketFamily">The family it was opened with.</param>
/// <param name="IsTaken">It has a port already, or is not in state CLOSE.</param>
/// <param name="TakesForeign">IP_FREEBIND or IP_TRANSPARENT is set.</param>
/// <param name="Scope">The interface that sin6_scope_id names: 0 for none; <see cref="NoInterface"/> for one that does not exist.</param>
/// <param name="MayBindPrivileged">CAP_NET_BIND_SERVICE.</param>
internal readonly record struct AddressQuestion(
    AskingSocket Want,
    IpFamily SocketFamily,
    bool IsTaken,
    bool TakesForeign,
    uint Scope,
    Fact MayBindPrivileged)
{
    /// <summary>An index that no interface has.</summary>
    public const uint NoInterface = uint.MaxValue;

    /// <summary>The interface the address is looked for on: the scope of a link-local address overwrites the bound device.</summary>
    public uint DeviceIndex => Scope != 0 && AddressRules.NeedsScope(Want.Address) ? Scope : Want.DeviceIndex;
}
