using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>What can stand on a TCP port: a socket, or what is left of one (struct sock_common).</summary>
internal abstract class TcpMember
{
    /// <summary>The scenario's name for the socket it is, or was.</summary>
    public required string Name { get; set; }

    /// <summary>How it is named as a blocker: the name, with the state where no one holds it any more.</summary>
    public abstract string Label { get; }

    /// <summary>The bucket it is a member of; null for none (icsk_bind_hash, tw_tb).</summary>
    public TcpPort? Bucket { get; set; }

    /// <summary>What the bucket was told of it.</summary>
    public HeldTraits Traits { get; set; }

    /// <summary>connect() picked its port, so other connections may share it (SOCK_CONNECT_BIND).</summary>
    public bool IsConnectBound { get; set; }

    /// <summary>When its timer runs out, in milliseconds; 0 for none.</summary>
    public long EndsAt { get; set; }

    /// <summary>When the connection's handshake began, in milliseconds: where its sequence numbers start.</summary>
    public long StartedAt { get; set; }

    /// <summary>The next number that it sends (snd_nxt).</summary>
    public uint SendNext { get; set; }

    /// <summary>The next number that it expects (rcv_nxt).</summary>
    public uint ReceiveNext { get; set; }

    /// <summary>The newest timestamp of the other end, in virtual milliseconds (ts_recent).</summary>
    public long TimestampSeen { get; set; }

    /// <summary>When it last answered an acknowledgement that did not fit, in milliseconds; null for never (last_oow_ack_time).</summary>
    public long? AnsweredOddAt { get; set; }

    /// <summary>SO_BINDTODEVICE; 0 for none.</summary>
    public uint DeviceIndex { get; set; }

    /// <summary>Its place in the connection table; null when not connected.</summary>
    public FourTuple? Tuple { get; set; }

    /// <summary>An older connection of the same four-tuple, on an interface of its own, that this one hides; null for none.</summary>
    public TcpMember? Hides { get; set; }
}

/// <summary>Both ends of a connection; IPv4 addresses in their v4-mapped form, since the families share them.</summary>
/// <param name="Local">This end.</param>
/// <param name="Remote">The other end.</param>
internal readonly record struct FourTuple(IpEndpoint Local, IpEndpoint Remote)
{
    /// <summary>The same connection, seen from the other end.</summary>
    public FourTuple Mirrored => new(Remote, Local);

    /// <summary>The tuple of two ends, mapped.</summary>
    public static FourTuple Of(IpAddress local, ushort localPort, IpAddress remote, ushort remotePort) =>
        new(new IpEndpoint(local.AsIPv6, localPort), new IpEndpoint(remote.AsIPv6, remotePort));
}
