using System.Buffers.Binary;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets;

namespace Bindwise.Linux.FailedCalls;

/// <summary>A failed call as the tap saw it, understood. What the program gave as its address may be any bytes.</summary>
internal sealed record FailedCall
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>The process in the reader's PID namespace; 0 where it has no number there.</summary>
    public required int Process { get; init; }

    /// <summary>Its thread that called, likewise.</summary>
    public int Thread { get; init; }

    /// <summary>The effective user, as the first user namespace numbers it.</summary>
    public required uint User { get; init; }

    /// <summary>The inode of the network namespace.</summary>
    public required ulong Network { get; init; }

    /// <summary>The id of the process's cgroup in cgroup2.</summary>
    public ulong Cgroup { get; init; }

    /// <summary>The kernel's name of the process.</summary>
    public required string Program { get; init; }

    public required PortEventCall Call { get; init; }

    public required string Error { get; init; }

    /// <summary>TCP, UDP or UNIX; null for another protocol, and where the socket could not be read.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>What another protocol than those is called, as <c>SCTP</c>; null for none.</summary>
    public string? OtherProtocol { get; init; }

    /// <summary>Address and port that were asked for; null for UNIX, and where they cannot be told.</summary>
    public IpEndpoint? Endpoint { get; init; }

    /// <summary>Of connect(): where the socket was bound before, at port 0 by its address alone; null for nowhere.</summary>
    public IpEndpoint? Source { get; private init; }

    /// <summary>An interface's index for a link-local address; 0 for none.</summary>
    public uint Scope { get; init; }

    /// <summary>Of UNIX the path or <c>@name</c>; null where it cannot be told.</summary>
    public string? Path { get; init; }

    /// <summary>The index of the interface to which the socket is bound; 0 for none.</summary>
    public uint Device { get; init; }

    /// <summary>The socket's options; null where it could not be read.</summary>
    public ProgramOptions? Options { get; init; }

    /// <summary>The socket has an address already, and the kernel takes no second one.</summary>
    public bool IsBoundAlready { get; private init; }

    /// <summary>The address as events show it: a link-local one with its interface's index.</summary>
    public string? Address => Path ?? (Endpoint is not { } endpoint ? null : Scope == 0 ? endpoint.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"[{endpoint.Address}%{Scope}]:{endpoint.Port}"));

    /// <summary>
    /// It is about ports or UNIX addresses: netlink, packet and other sockets are not. A socket that could not be read is judged by the
    /// address.
    /// </summary>
    public bool IsOfOurFamilies { get; private init; }

    /// <param name="now">The time of the system's clock at <paramref name="monotonic"/>.</param>
    /// <param name="monotonic">CLOCK_MONOTONIC, in nanoseconds.</param>
    internal static FailedCall Of(in FailedCallRecord record, FailedCallLayout layout, DateTimeOffset now, long monotonic) =>
        Of(record, layout.OptionBits, now, monotonic);

    internal static FailedCall Of(in FailedCallRecord record, (int ReuseAddress, int ReusePort, int V6Only) bits, DateTimeOffset now,
        long monotonic)
    {
        ReadOnlySpan<byte> name = record.Program;
        var call = record.Alike.Call <= (ushort)PortEventCall.Connect ? (PortEventCall)record.Alike.Call : PortEventCall.Bind;
        ReadOnlySpan<byte> given = record.Alike.Given;
        var family = (int)record.Family;
        if (family == 0 && call != PortEventCall.Listen)
            family = BinaryPrimitives.ReadUInt16LittleEndian(given);
        var (endpoint, scope) = call != PortEventCall.Listen ? Asked(given, record.Alike.Length)
            : (record.LocalPort == 0 ? null : Own(record), 0);
        return new FailedCall
        {
            Time = now - Age(record.Time, monotonic),
            Process = record.Process,
            Thread = record.Thread,
            User = record.User,
            Network = record.Alike.Network,
            Cgroup = record.Cgroup,
            Program = KernelText.Decode(name[..Length(name)]),
            Call = call,
            Error = ErrnoNames.Of(record.Alike.Error),
            Protocol = ProtocolOf(record, family),
            OtherProtocol = record.Family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 && ProtocolOf(record, family) is null
                ? OtherName(record) : null,
            Endpoint = family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 ? endpoint : null,
            Source = call == PortEventCall.Connect && Own(record) is { } own && own is not { Port: 0, Address.IsAny: true } ? own : null,
            Scope = scope,
            Path = family == SocketCall.FamilyUnix && call != PortEventCall.Listen ? PathOf(given, record.Alike.Length) : null,
            Device = unchecked((uint)record.Device),
            // Of UNIX sockets no address is read; one that is given whole is refused so for no other reason (unix_bind(), af_unix.c).
            IsBoundAlready = call == PortEventCall.Bind && record.Alike.Error == (ushort)Errno.EINVAL
                && (record.LocalPort != 0 || (family == SocketCall.FamilyUnix && record.Alike.Length > sizeof(ushort)
                    && record.Alike.Length <= FailedCallAlike.AddressLimit)),
            Options = record.Family == 0 ? null : new ProgramOptions
            {
                ReuseAddress = (record.Options & bits.ReuseAddress) != 0,
                ReusePort = (record.Options & bits.ReusePort) != 0,
                V6Only = record.Family == SocketCall.FamilyIPv6 ? (record.Options & bits.V6Only) != 0 : null,
                UnixType = record.Family == SocketCall.FamilyUnix ? unchecked((byte)record.Type) : (byte)0,
            },
            IsOfOurFamilies = family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 or SocketCall.FamilyUnix,
        };
    }

    // A record cannot be younger than its reader, nor older than a day: the ring is read several times a second.
    private static TimeSpan Age(ulong time, long monotonic)
    {
        var nanoseconds = Math.Clamp(monotonic - (long)Math.Min(time, long.MaxValue), 0,
            TimeSpan.NanosecondsPerTick * TimeSpan.TicksPerDay);
        return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    private static int Length(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is >= 0 and var end ? end : text.Length;

    // MPTCP is TCP to whoever binds it.
    private static Protocol? ProtocolOf(in FailedCallRecord record, int family) => family switch
    {
        SocketCall.FamilyUnix => Diagnostics.Protocol.Unix,
        SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 => ((int)record.Type, (int)record.Protocol) switch
        {
            (SocketCall.TypeStream, SocketCall.ProtocolTcp or SocketOptionCall.MultipathProtocol) => Diagnostics.Protocol.Tcp,
            (SocketCall.TypeDatagram, SocketCall.ProtocolUdp) => Diagnostics.Protocol.Udp,
            _ => null,
        },
        _ => null,
    };

    private static string OtherName(in FailedCallRecord record) => record switch
    {
        { Type: SocketCall.TypeRaw } => "raw IP",
        { Protocol: 1 or 58 } => "ICMP",
        { Protocol: 33 } => "DCCP",
        { Protocol: 132 } => "SCTP",
        { Protocol: 136 } => "UDP-Lite",
        _ => string.Create(CultureInfo.InvariantCulture, $"IP protocol {record.Protocol}"),
    };

    private static (IpEndpoint? Endpoint, uint Scope) Asked(ReadOnlySpan<byte> given, uint length)
    {
        var family = BinaryPrimitives.ReadUInt16LittleEndian(given);
        var size = family == SocketCall.FamilyIPv4 ? SocketAddressIPv4.SizeBytes : SocketAddressIPv6.SizeBytes;
        // A program may give more than it needs, as a sockaddr_storage.
        return length >= size && InternetAddress.TryRead(given[..size], out var endpoint, out var scope) ? (endpoint, scope) : (null, 0);
    }

    private static IpEndpoint? Own(in FailedCallRecord record)
    {
        ReadOnlySpan<byte> v6 = record.LocalIPv6;
        return record.Family switch
        {
            SocketCall.FamilyIPv4 => new IpEndpoint(new IpAddress(IpFamily.IPv4, BinaryPrimitives.ReverseEndianness(record.LocalIPv4)),
                record.LocalPort),
            SocketCall.FamilyIPv6 => new IpEndpoint(IpAddress.FromBytes(v6), record.LocalPort),
            _ => null,
        };
    }

    private static string? PathOf(ReadOnlySpan<byte> given, uint length)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(given) != SocketCall.FamilyUnix || length <= sizeof(ushort))
            return null;
        var name = given[sizeof(ushort)..(int)Math.Min(length, FailedCallAlike.AddressLimit)];
        return name[0] == 0 ? AbstractName.Spell(name[1..]) : KernelText.Decode(name[..Length(name)]);
    }
}
