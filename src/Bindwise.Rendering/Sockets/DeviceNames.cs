using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Sockets;

/// <summary>The names of the interfaces that sockets are bound to.</summary>
internal sealed class DeviceNames(ImmutableArray<InterfaceRecord> interfaces)
{
    /// <summary>The name; the index in digits when the name is not known (the interface may be gone); null for 0, which is none.</summary>
    public string? Of(uint index) => index == 0
        ? null
        : interfaces.FirstOrDefault(candidate => candidate.Index == index)?.Name ?? index.ToString(CultureInfo.InvariantCulture);
}
