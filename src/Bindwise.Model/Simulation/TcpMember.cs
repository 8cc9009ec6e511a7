using System.Runtime.InteropServices;
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

/// <summary>What is left of a connection that was closed here first (struct inet_timewait_sock).</summary>
internal sealed class TimeWaitEntry : TcpMember
{
    /// <summary>
    /// <see cref="TcpSocketState.TimeWait"/>, or <see cref="TcpSocketState.FinWait2"/> while the other end's FIN is missing (tw_substate).
    /// </summary>
    public required TcpSocketState State { get; set; }

    /// <summary>The connection used timestamps (tw_ts_recent_stamp).</summary>
    public required bool HasTimestamps { get; init; }

    /// <summary>When it was made, in milliseconds (tw_entry_stamp).</summary>
    public required long MadeAt { get; set; }

    public override string Label => $"{Name} by {TcpStateNames.Of(State, Protocol.Tcp)}";
}

/// <summary>A SYN that was answered and waits for the ACK: in the connection table, but on no port (struct request_sock).</summary>
internal sealed class HandshakeRequest : TcpMember
{
    public required SimulatedSocket Listener { get; init; }
    public required bool HasTimestamps { get; init; }

    public override string Label => Name;
}

/// <summary>A TCP port that is in use (inet_bind_bucket), with its addresses (inet_bind2_bucket).</summary>
internal sealed class TcpPort(ushort number, KernelRelease kernel)
{
    private struct AddressBucket
    {
        public int Members { get; set; }
        public int ConnectBound { get; set; }
        public bool IsForConnects { get; set; }
    }

    private readonly Dictionary<IpAddress, AddressBucket> _places = [];

    public ushort Number => number;

    /// <summary>Its members, as the rules look at them.</summary>
    public PortBucket<TcpMember> Bucket { get; } = new();

    /// <summary>
    /// Only connect() picked it, so it may pick it again for another destination (fastreuse and fastreuseport are both -1); one explicit
    /// bind() ends that, until a member leaves and no address is left at which one was bound.
    /// </summary>
    public bool IsForConnects { get; private set; } = true;

    public void Join(TcpMember member, in HeldTraits traits)
    {
        member.Bucket = this;
        member.Traits = traits;
        Bucket.Add(member, traits);
        Enter(member, traits.Address);
    }

    /// <summary>bind() or listen() succeeded: connect() picks the port no more (inet_csk_update_fastreuse()).</summary>
    public void Claim(TcpMember member)
    {
        IsForConnects = false;
        ref var place = ref CollectionsMarshal.GetValueRefOrNullRef(_places, member.Traits.Address.AsIPv6);
        place.IsForConnects = false;
    }

    /// <summary>Takes a member out (inet_put_port(), inet_bind_bucket_destroy()).</summary>
    public void Leave(TcpMember member)
    {
        Bucket.Remove(member, member.Traits);
        Exit(member, member.Traits.Address);
        member.Bucket = null;
        if (IsForConnects || !kernel.Has(KernelChanges.PortsComeBack))
            return;
        foreach (var place in _places.Values)
        {
            if (!place.IsForConnects)
                return;
        }
        IsForConnects = true;
        Bucket.History = default;
    }

    /// <summary>An option, the address or the state of a member changed.</summary>
    public void Change(TcpMember member, in HeldTraits traits)
    {
        if (member.Traits == traits)
            return;
        var old = member.Traits.Address;
        Bucket.Remove(member, member.Traits);
        Bucket.Add(member, traits);
        member.Traits = traits;
        if (old.AsIPv6 == traits.Address.AsIPv6)
            return;
        // The place it comes to keeps what it was; the one it leaves is looked at, the port is not (__inet_bhash2_update_saddr()).
        Exit(member, old);
        Enter(member, traits.Address);
    }

    private void Enter(TcpMember member, IpAddress address)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, address.AsIPv6, out var exists);
        if (!exists)
            place.IsForConnects = member.IsConnectBound;
        place.Members++;
        place.ConnectBound += member.IsConnectBound ? 1 : 0;
    }

    private void Exit(TcpMember member, IpAddress address)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrNullRef(_places, address.AsIPv6);
        place.Members--;
        place.ConnectBound -= member.IsConnectBound ? 1 : 0;
        if (place.Members == 0)
            _places.Remove(address.AsIPv6);
        else
            place.IsForConnects |= place.ConnectBound == place.Members;
    }
}
