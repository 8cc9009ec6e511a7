using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>A TCP port that is in use (inet_bind_bucket).</summary>
/// <param name="number">The port.</param>
internal sealed class TcpPort(ushort number)
{
    private int _connectBound;

    /// <summary>The port.</summary>
    public ushort Number => number;

    /// <summary>Its members, as the rules look at them.</summary>
    public PortBucket<TcpMember> Bucket { get; } = new();

    /// <summary>
    /// Only connect() picked it, so it may pick it again for another destination (fastreuse and fastreuseport are both -1);
    /// one explicit bind() ends that, until only connect-bound members are left.
    /// </summary>
    public bool IsForConnects { get; set; }

    /// <summary>Makes a member of a socket.</summary>
    public void Join(TcpMember member, in HeldTraits traits)
    {
        member.Bucket = this;
        member.Traits = traits;
        Bucket.Add(member, traits);
        if (member.IsConnectBound)
            _connectBound++;
    }

    /// <summary>Takes a member out (inet_put_port(), inet_bind2_bucket_destroy()).</summary>
    public void Leave(TcpMember member)
    {
        Bucket.Remove(member, member.Traits);
        if (member.IsConnectBound)
            _connectBound--;
        member.Bucket = null;
        if (_connectBound != Bucket.Count)
            return;
        IsForConnects = true;
        Bucket.History = null;
    }

    /// <summary>An option, the address or the state of a member changed.</summary>
    public void Change(TcpMember member, in HeldTraits traits)
    {
        if (member.Traits == traits)
            return;
        Bucket.Remove(member, member.Traits);
        Bucket.Add(member, traits);
        member.Traits = traits;
    }
}
