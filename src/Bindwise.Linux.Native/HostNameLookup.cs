using System.Net;

namespace Bindwise.Linux.Native;

/// <summary>struct addrinfo of a 64-bit Linux (netdb.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AddressInfo
{
    internal int Flags;
    internal int Family;
    internal int SocketType;
    internal int Protocol;
    internal uint AddressBytes;
    internal byte* Address;
    internal byte* CanonicalName;
    internal AddressInfo* Next;

    internal const int SizeBytes = 48;
}

/// <summary>getaddrinfo(3): the system's resolver, which may ask the network and take its time.</summary>
internal static class AddressInfoCall
{
    /// <summary>No name has that many addresses to good purpose.</summary>
    private const int MaximumAddresses = 64;

    /// <summary>The addresses in the resolver's order, each once; empty when the name is unknown.</summary>
    internal static unsafe ImmutableArray<IPAddress> Resolve(string name)
    {
        var hints = new AddressInfo { SocketType = SocketCall.TypeStream };
        AddressInfo* first = null;
        if (LibC.Getaddrinfo(name, null, &hints, (void**)&first) != 0)
            return [];
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        for (var info = first; info != null && addresses.Count < MaximumAddresses; info = info->Next)
        {
            if (Read(info) is { } address && !addresses.Contains(address))
                addresses.Add(address);
        }
        LibC.Freeaddrinfo(first);
        return addresses.ToImmutable();
    }

    private static unsafe IPAddress? Read(AddressInfo* info) => info->Family switch
    {
        SocketCall.FamilyIPv4 when info->AddressBytes >= SocketAddressIPv4.SizeBytes =>
            new IPAddress(new ReadOnlySpan<byte>(info->Address + 4, 4)),
        SocketCall.FamilyIPv6 when info->AddressBytes >= SocketAddressIPv6.SizeBytes =>
            new IPAddress(new ReadOnlySpan<byte>(info->Address + 8, 16)),
        _ => null,
    };
}
