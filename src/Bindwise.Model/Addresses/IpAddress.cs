using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Bindwise.Diagnostics;

/// <summary>An IPv4 or IPv6 address as a plain value: no scope, no allocation, compared by its bits.</summary>
internal readonly record struct IpAddress
{
    private static readonly UInt128 MappedPrefix = (UInt128)0xffff << 32;

    // Not one UInt128: crossgen2 leaves out every method that touches a type with such a field, and that was half of the program.
    private readonly ulong _high;
    private readonly ulong _low;

    /// <param name="bits">The address in host order; an IPv4 address fills the low 32 bits.</param>
    public IpAddress(IpFamily family, UInt128 bits)
    {
        Family = family;
        _high = (ulong)(bits >> 64);
        _low = unchecked((ulong)bits);
    }

    /// <summary>The address family; a v4-mapped address is of IPv6.</summary>
    public IpFamily Family { get; }

    /// <summary>The address in host order; an IPv4 address fills the low 32 bits.</summary>
    public UInt128 Bits => new(_high, _low);

    /// <summary>0.0.0.0 (INADDR_ANY).</summary>
    public static IpAddress AnyIPv4 => new(IpFamily.IPv4, 0);

    /// <summary>:: (in6addr_any).</summary>
    public static IpAddress AnyIPv6 => new(IpFamily.IPv6, 0);

    /// <summary>127.0.0.1 (INADDR_LOOPBACK).</summary>
    public static IpAddress LoopbackIPv4 => new(IpFamily.IPv4, 0x7f000001);

    /// <summary>::1 (in6addr_loopback).</summary>
    public static IpAddress LoopbackIPv6 => new(IpFamily.IPv6, 1);

    /// <summary>The loopback address of this one's kind: 127.0.0.1, ::ffff:127.0.0.1 or ::1.</summary>
    public IpAddress Loopback => Family == IpFamily.IPv4 ? LoopbackIPv4 : IsMapped ? LoopbackIPv4.AsIPv6 : LoopbackIPv6;

    /// <summary>The wildcard of this family: 0.0.0.0 or ::.</summary>
    public bool IsAny => Bits == 0;

    /// <summary>0.0.0.0, <c>::</c> or <c>::ffff:0.0.0.0</c>.</summary>
    public bool IsWildcard => Unmapped.IsAny;

    /// <summary>255.255.255.255 (INADDR_BROADCAST).</summary>
    public bool IsBroadcast => Family == IpFamily.IPv4 && Bits == 0xffffffff;

    /// <summary>Of IPv6, neither <c>::</c> nor v4-mapped: bind() switches IPV6_V6ONLY on for it (__inet6_bind()).</summary>
    public bool IsNativeIPv6 => Family == IpFamily.IPv6 && !IsAny && !IsMapped;

    /// <summary>An IPv4-mapped IPv6 address, ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).</summary>
    public bool IsMapped => Family == IpFamily.IPv6 && Bits >> 32 == 0xffff;

    /// <summary>Whether it lies in 127.0.0.0/8, is ::1, or is the v4-mapped form of such an address.</summary>
    public bool IsLoopback => Family == IpFamily.IPv4 ? Bits >> 24 == 127 : Bits == 1 || (IsMapped && (Bits & 0xffffffff) >> 24 == 127);

    /// <summary>fe80::/10: needs a scope, that is an interface (RFC 4007).</summary>
    public bool IsLinkLocal => Family == IpFamily.IPv6 && Bits >> 118 == 0x3fa;

    /// <summary>Whether it lies in 224.0.0.0/4 or ff00::/8; a v4-mapped address does not.</summary>
    public bool IsMulticast => Family == IpFamily.IPv4 ? Bits >> 28 == 0xe : Bits >> 120 == 0xff;

    /// <summary>This address as IPv4 where it is one (IPv4 or v4-mapped); null otherwise.</summary>
    public IpAddress? AsIPv4 => Family == IpFamily.IPv4 ? this : IsMapped ? new(IpFamily.IPv4, Bits & 0xffffffff) : null;

    /// <summary>A v4-mapped address as IPv4, any other as it is.</summary>
    public IpAddress Unmapped => AsIPv4 ?? this;

    /// <summary>The v4-mapped form of an IPv4 address; an IPv6 address is returned as it is.</summary>
    public IpAddress AsIPv6 => Family == IpFamily.IPv6 ? this : new(IpFamily.IPv6, MappedPrefix | Bits);

    /// <summary>Reads an address from network-order bytes: 4 for IPv4, 16 for IPv6.</summary>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public static IpAddress FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => new(IpFamily.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        16 => new(IpFamily.IPv6, BinaryPrimitives.ReadUInt128BigEndian(bytes)),
        _ => throw new ArgumentException("An address has 4 or 16 bytes.", nameof(bytes)),
    };

    /// <summary>Writes the address in network order: 4 bytes for IPv4, 16 for IPv6.</summary>
    public int WriteTo(Span<byte> destination)
    {
        if (Family == IpFamily.IPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Bits);
            return 4;
        }
        BinaryPrimitives.WriteUInt128BigEndian(destination, Bits);
        return 16;
    }

    /// <summary>Parses the strict textual forms: dotted quad, or RFC 4291 §2.2 without brackets or scope.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IpAddress address)
    {
        address = default;
        if (string.IsNullOrEmpty(text) || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)
            || !IPAddress.TryParse(text, out var parsed))
            return false;
        var isIPv4 = text.IndexOf(':', StringComparison.Ordinal) < 0;
        if (isIPv4 && text.Count(c => c == '.') != 3)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        _ = parsed.TryWriteBytes(bytes, out var written);
        address = FromBytes(bytes[..written]);
        return true;
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..WriteTo(bytes)]);
    }

    /// <summary>As it stands before a port: of IPv6 in brackets.</summary>
    public string Bracketed => Family == IpFamily.IPv6 ? $"[{this}]" : ToString();

    /// <summary>The canonical text (RFC 5952), without brackets; of a mapped address the IPv4 part is dotted (section 5).</summary>
    public override string ToString() => IsMapped ? $"::ffff:{AsIPv4}" : ToIPAddress().ToString();
}
