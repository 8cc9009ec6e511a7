using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live.Recording;

/// <summary>
/// What decides whether a held socket receives: the TTL or hop limit of a packet. A socket's filter can be taken off only through its
/// descriptor, which is gone after close(), while the socket itself lives on; so the filter stays, and lets through each packet that has the
/// hold's bit set. A released packet gets that bit, and from then on it is in the namespace's own default, which every new packet bears.
/// </summary>
internal sealed class HopLimits
{
    /// <summary>As many holds a scenario may have: the bits below the highest one, which keeps the limit far from zero.</summary>
    internal const int MostHolds = 7;

    private const byte Base = 0x80;

    private static readonly string[] IPv6Devices = ["lo", "v0", "v1"];

    private int _holds;
    private byte _default;

    /// <summary>The bit of a new hold; the calling thread is in the namespace.</summary>
    /// <exception cref="LiveUnavailableException">There is none left, or the limits cannot be set.</exception>
    internal byte Take()
    {
        if (_holds == MostHolds)
            throw new LiveUnavailableException($"on the kernel a scenario can hold segments at most {MostHolds} times");
        if (_default == 0)
            SetDefault(Base);
        return (byte)(1 << _holds++);
    }

    /// <summary>Packets pass the filter of a hold from now on; the calling thread is in the namespace.</summary>
    internal void Open(byte bit) => SetDefault((byte)(_default | bit));

    /// <summary>The limit of a packet that is sent once more: as any new one, which a held socket does not receive.</summary>
    internal byte Default => _default == 0 ? Base : _default;

    /// <summary>The filter of a hold: a packet passes when its limit has the bit.</summary>
    internal static ulong[] Filter(byte bit) =>
    [
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, SocketFilterCall.NetworkHeader),
        SocketFilterCall.Encode(SocketFilterCall.And, 0xf0),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfEqual, 0x60, ifTrue: 2),
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, SocketFilterCall.NetworkHeader + 8),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfAnySet, bit, ifTrue: 2, ifFalse: 3),
        SocketFilterCall.Encode(SocketFilterCall.LoadByte, SocketFilterCall.NetworkHeader + 7),
        SocketFilterCall.Encode(SocketFilterCall.JumpIfAnySet, bit, ifFalse: 1),
        SocketFilterCall.Encode(SocketFilterCall.Return, uint.MaxValue),
        SocketFilterCall.Encode(SocketFilterCall.Return, 0),
    ];

    private void SetDefault(byte limit)
    {
        _default = limit;
        LiveSysctl.SetOwn("net.ipv4.ip_default_ttl", limit);
        foreach (var device in IPv6Devices)
            LiveSysctl.SetOwnIfThere($"net.ipv6.conf.{device}.hop_limit", limit);
    }
}
