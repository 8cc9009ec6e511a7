using System.Runtime.CompilerServices;

namespace Bindwise.Linux.Native;

/// <summary>Sixteen bytes: an address in network order, IPv4 in the first four.</summary>
[InlineArray(16)]
internal struct AddressBytes
{
    private byte _first;
}
