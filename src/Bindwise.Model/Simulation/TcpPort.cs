using System.Runtime.InteropServices;
using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>A TCP port that is in use (inet_bind_bucket), with its addresses (inet_bind2_bucket).</summary>
/// <param name="number">The port.</param>
internal sealed class TcpPort(ushort number)
{
    /// <summary>The members at one address.</summary>
    private struct AddressBucket
    {
        public int Members { get; set; }

        public int ConnectBound { get; set; }

        public bool IsForConnects { get; set; }
    }

    private readonly Dictionary<IpAddress, AddressBucket> _places = [];

    /// <summary>The port.</summary>
    public ushort Number => number;

    /// <summary>Its members, as the rules look at them.</summary>
    public PortBucket<TcpMember> Bucket { get; } = new();

    /// <summary>
    /// Only connect() picked it, so it may pick it again for another destination (fastreuse and fastreuseport are both -1); one
    /// explicit bind() ends that, until a member leaves and no address is left at which one was bound.
    /// </summary>
    public bool IsForConnects { get; private set; } = true;

    /// <summary>Makes a member of a socket.</summary>
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
        if (IsForConnects)
            return;
        foreach (var place in _places.Values)
        {
            if (!place.IsForConnects)
                return;
        }
        IsForConnects = true;
        Bucket.History = null;
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
