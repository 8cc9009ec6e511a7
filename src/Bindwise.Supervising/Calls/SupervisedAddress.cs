using System.Buffers.Binary;
using System.Diagnostics;
using Bindwise.Linux;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;

namespace Bindwise.Supervising.Calls;

/// <summary>
/// The address that a bind() names, copied once: the program may change its own at any time, and what is judged is what is bound. Its bytes
/// are those that the kernel would read.
/// </summary>
internal sealed class SupervisedAddress
{
    private const int LongestBytes = 128;
    private const int PathAt = sizeof(ushort);

    // SIN6_LEN_RFC2133: without the scope's id (__inet6_bind).
    private const int ShortestIPv6Bytes = 24;

    private SupervisedAddress(byte[] bytes, IpEndpoint asked, uint scope) => (Bytes, Asked, Target, Scope) = (bytes, asked, asked, scope);

    internal byte[] Bytes { get; }
    internal IpEndpoint Asked { get; }
    internal IpEndpoint Target { get; private set; }

    /// <summary>An interface's index for a link-local address; 0 for none.</summary>
    internal uint Scope { get; }

    internal bool IsMoved => Target != Asked;

    /// <param name="errno">What the kernel would say of one that is no such address; None where it is one.</param>
    /// <returns>Null for what is no such address.</returns>
    internal static SupervisedAddress? Read(WaitingCall call, int family, out Errno errno)
    {
        var isIPv4 = family == SocketCall.FamilyIPv4;
        Span<byte> room = stackalloc byte[LongestBytes];
        errno = Copy(call, room, out var length);
        if (errno != Errno.None)
            return null;
        errno = Errno.EINVAL;
        // Longer ones are allowed (bind(2)).
        if (length < (isIPv4 ? SocketAddressIPv4.SizeBytes : ShortestIPv6Bytes))
            return null;
        var bytes = new byte[isIPv4 ? SocketAddressIPv4.SizeBytes : SocketAddressIPv6.SizeBytes];
        room[..Math.Min(length, bytes.Length)].CopyTo(bytes);
        errno = Errno.EAFNOSUPPORT;
        // AF_UNSPEC counts as AF_INET where the address is 0.0.0.0 (__inet_bind).
        if (isIPv4 && BitConverter.ToUInt16(bytes) == SocketCall.FamilyUnspecified && BitConverter.ToUInt32(bytes, 4) == 0)
            BitConverter.TryWriteBytes(bytes, (ushort)SocketCall.FamilyIPv4);
        if (BitConverter.ToUInt16(bytes) != family || !InternetAddress.TryRead(bytes, out var asked, out var scope))
            return null;
        errno = Errno.None;
        return new SupervisedAddress(bytes, asked, scope);
    }

    /// <summary>It names an address of IP, which no other kind of socket takes, or one that cannot be read.</summary>
    internal static bool IsOfIp(WaitingCall call, out Errno errno)
    {
        Span<byte> address = stackalloc byte[LongestBytes];
        errno = Copy(call, address, out var length);
        if (errno != Errno.None)
            return true;
        errno = Errno.EINVAL;
        return length >= SocketAddressIPv4.SizeBytes
            && BitConverter.ToUInt16(address) is SocketCall.FamilyUnspecified or SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6;
    }

    // As move_addr_to_kernel() of net/socket.c: all that the length names has to be there, also what no address needs.
    private static Errno Copy(WaitingCall call, Span<byte> room, out int length)
    {
        length = call.Number(2);
        if (length is < 0 or > LongestBytes)
            return Errno.EINVAL;
        return length == 0 ? Errno.None : call.Read(call.Argument(1), room[..length]);
    }

    /// <summary>
    /// Every address of a family, with a port that the kernel chooses: what listen() of a socket binds that is not bound.
    /// </summary>
    internal static SupervisedAddress Every(int family)
    {
        var bytes = new byte[family == SocketCall.FamilyIPv4 ? SocketAddressIPv4.SizeBytes : SocketAddressIPv6.SizeBytes];
        BitConverter.TryWriteBytes(bytes, (ushort)family);
        _ = InternetAddress.TryRead(bytes, out var asked, out _);
        return new SupervisedAddress(bytes, asked, 0);
    }

    /// <summary>
    /// Another one of the same family takes its place. Port and address stand at the same places for whoever calls (struct sockaddr_in,
    /// struct sockaddr_in6).
    /// </summary>
    internal void Move(IpEndpoint target)
    {
        if (target.Address.Family != Asked.Address.Family)
            return;
        Target = target;
        BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(sizeof(ushort)), target.Port);
        _ = target.Address.WriteTo(Bytes.AsSpan(target.Address.Family == IpFamily.IPv4 ? 4 : 8));
    }

    /// <summary>The path of a UNIX socket, or <c>@name</c> of an abstract one; null for what is no such address.</summary>
    internal static string? ReadUnix(WaitingCall call, out bool isPath)
    {
        isPath = false;
        Span<byte> address = stackalloc byte[LongestBytes];
        if (Copy(call, address, out var length) != Errno.None || length is <= PathAt or > SocketAddress.MaximumUnixBytes
            || BitConverter.ToUInt16(address) != SocketCall.FamilyUnix)
            return null;
        var name = address[PathAt..length];
        isPath = name[0] != 0;
        if (!isPath)
            return AbstractName.Spell(name[1..]);
        var end = name.IndexOf((byte)0);
        return KernelText.Decode(end < 0 ? name : name[..end]);
    }
}

/// <summary>A bind() that waits until its port is free.</summary>
/// <param name="socket">The copy of its socket, which goes with this one.</param>
/// <param name="limit">When to give up; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
internal sealed class HeldBind(WaitingCall call, TrappedSocket socket, SupervisedAddress address, RefusedCall refused, TimeSpan limit)
    : IDisposable
{
    /// <summary>Between two tries, which cost some microseconds each.</summary>
    internal const int PaceMilliseconds = 25;

    private readonly long _since = Stopwatch.GetTimestamp();
    private long _triedAt = Stopwatch.GetTimestamp();

    internal WaitingCall Call => call;
    internal TrappedSocket Socket => socket;
    internal SupervisedAddress Address => address;
    internal RefusedCall Refused => refused;
    internal TimeSpan Waited => Stopwatch.GetElapsedTime(_since);
    internal bool IsOver => limit != Timeout.InfiniteTimeSpan && Waited >= limit;

    /// <summary>It is time to try again; other calls may come in between much more often.</summary>
    internal bool IsDue
    {
        get
        {
            if (Stopwatch.GetElapsedTime(_triedAt).TotalMilliseconds < PaceMilliseconds)
                return false;
            _triedAt = Stopwatch.GetTimestamp();
            return true;
        }
    }

    public void Dispose() => socket.Dispose();
}
