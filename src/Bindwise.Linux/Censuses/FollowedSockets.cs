using Bindwise.Linux.SockDiag;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Censuses;

/// <summary>
/// The listening and bound sockets of one look after the other. What has not changed since the last look is the same object again: a look
/// allocates for what is new, and for nothing else.
/// </summary>
internal sealed class FollowedSockets
{
    /// <summary>So many are kept; a host with more has the rest only counted.</summary>
    internal const int Limit = 16 * 1024;

    private readonly Dictionary<SocketIdentity, FollowedSocket> _known = [];
    private readonly List<FollowedSocket> _current = [];
    private readonly ulong[] _boundPorts = new ulong[1024];
    private long _scan;
    private long _pass;
    private int _passBegan;
    private int _omittedBefore;

    internal IReadOnlyList<FollowedSocket> Current => _current;

    /// <summary>How many there were beyond <see cref="Limit"/>.</summary>
    internal int Omitted { get; private set; }

    internal void Begin()
    {
        _scan++;
        _current.Clear();
        Omitted = 0;
    }

    /// <summary>A dump begins: what it brings twice counts once.</summary>
    internal void BeginDump()
    {
        _pass++;
        _passBegan = _current.Count;
        _omittedBefore = Omitted;
    }

    internal void RestartDump()
    {
        _current.RemoveRange(_passBegan, _current.Count - _passBegan);
        Omitted = _omittedBefore;
        _pass++;
    }

    /// <summary>The dump was not whole: what it lacks stands as in the look before.</summary>
    /// <param name="family">Of UDP, whose families have a dump each; null for both.</param>
    internal void KeepBefore(Protocol protocol, IpFamily? family = null)
    {
        foreach (var one in _known.Values)
        {
            if (one.Socket.Protocol == protocol && (family is null || one.Socket.Family == family))
                Keep(one);
        }
    }

    internal void Take(Protocol protocol, in DiagEntry entry, ReadOnlySpan<byte> payload)
    {
        if (Find(protocol, entry.Cookie) is { } known)
        {
            if (known.IsAsBefore(entry.Reply))
                Keep(known);
            else if (DiagEntry.TryParse(payload, out var changed))
                Keep(known.Become(changed.ToHeldSocket(protocol), entry.Reply.State));
        }
        else if (HasRoom() && DiagEntry.TryParse(payload, out var whole))
            Add(new FollowedSocket(whole.ToHeldSocket(protocol), entry.Reply.State));
    }

    /// <summary>Takes a UNIX socket with a name.</summary>
    internal void Take(in UnixEntry entry)
    {
        var cookie = ((ulong)entry.Reply.CookieHigh << 32) | entry.Reply.CookieLow;
        if (Find(Protocol.Unix, cookie) is { } known)
        {
            if (!known.IsAsBefore(entry))
                known.Become(entry.ToHeldSocket(default), entry.Reply.State);
            Keep(known);
        }
        else if (HasRoom())
            Add(new FollowedSocket(entry.ToHeldSocket(default), entry.Reply.State));
    }

    /// <summary>
    /// Takes a connection if its socket stood in the look before as bound: it was bound by its program, and holds its port still.
    /// </summary>
    internal void TakeConnected(in DiagEntry entry, ReadOnlySpan<byte> payload)
    {
        int port = entry.LocalPort;
        if ((_boundPorts[port >> 6] & (1UL << (port & 63))) != 0 && Find(Protocol.Tcp, entry.Cookie) is not null)
            Take(Protocol.Tcp, entry, payload);
    }

    /// <summary>The look is complete: what is gone is forgotten.</summary>
    internal void End()
    {
        if (_known.Count != _current.Count)
        {
            foreach (var (key, socket) in _known)
            {
                if (socket.Scan != _scan)
                    _known.Remove(key);
            }
        }
        Array.Clear(_boundPorts);
        foreach (var listed in _current)
        {
            var socket = listed.Socket;
            if (socket.Protocol == Protocol.Tcp && socket.State is not TcpSocketState.Listen)
                _boundPorts[socket.Local.Port >> 6] |= 1UL << (socket.Local.Port & 63);
        }
    }

    /// <summary>What the census shows of them.</summary>
    internal ImmutableArray<CensusSocket> Show()
    {
        var shown = ImmutableArray.CreateBuilder<CensusSocket>(_current.Count);
        foreach (var listed in _current)
            shown.Add(listed.Show());
        return shown.MoveToImmutable();
    }

    private FollowedSocket? Find(Protocol protocol, ulong cookie) => _known.GetValueOrDefault(new SocketIdentity(protocol, cookie));

    private bool HasRoom()
    {
        if (_current.Count < Limit)
            return true;
        Omitted++;
        return false;
    }

    private void Add(FollowedSocket socket)
    {
        _known[SocketIdentity.Of(socket.Socket)] = socket;
        Keep(socket);
    }

    private void Keep(FollowedSocket socket)
    {
        if (socket.Pass == _pass)
            return;
        (socket.Pass, socket.Scan) = (_pass, _scan);
        if (HasRoom())
            _current.Add(socket);
    }
}

/// <summary>A socket that is followed from look to look.</summary>
/// <param name="socket">As it was seen first.</param>
/// <param name="state">The kernel's number of its state.</param>
internal sealed class FollowedSocket(HeldSocket socket, byte state)
{
    private byte _state = state;
    private CensusSocket? _shown;

    internal HeldSocket Socket { get; private set; } = socket;

    /// <summary>The last dump in which it stood.</summary>
    internal long Pass { get; set; }

    /// <summary>The last look in which it stood.</summary>
    internal long Scan { get; set; }

    /// <summary>Who holds it; null where nobody was found.</summary>
    internal CensusHolder? Holder { get; set; }

    internal int Descriptor { get; set; }

    /// <summary>How often its holder was sought in vain.</summary>
    internal int Searches { get; set; }

    /// <summary>The look from which on its holder is sought again.</summary>
    internal long NextSearch { get; set; }

    /// <summary>Of a listener: what it dropped (SKMEMINFO_DROPS).</summary>
    internal long Drops { get; set; }

    /// <inheritdoc cref="CensusSocket.Connections"/>
    internal int Connections { get; set; }

    /// <inheritdoc cref="CensusSocket.FromOutside"/>
    internal int FromOutside { get; set; }

    /// <summary>Nothing that a census tells has changed.</summary>
    internal bool IsAsBefore(in InetDiagReply reply) =>
        _state == reply.State && Socket.ReceiveQueue == reply.ReceiveQueue && Socket.SendQueue == reply.SendQueue
        && Socket.Inode == reply.Inode;

    /// <inheritdoc cref="IsAsBefore(in InetDiagReply)"/>
    internal bool IsAsBefore(in UnixEntry entry) =>
        _state == entry.Reply.State && Socket.ReceiveQueue == entry.ReceiveQueue && Socket.SendQueue == entry.SendQueue;

    internal FollowedSocket Become(HeldSocket now, byte nextState)
    {
        (Socket, _state, _shown) = (now, nextState, null);
        return this;
    }

    internal CensusSocket Show()
    {
        if (_shown is { } shown && ReferenceEquals(shown.Holder, Holder)
            && (shown.Drops, shown.Connections, shown.FromOutside) == (Drops, Connections, FromOutside))
            return shown;
        return _shown = new CensusSocket(Socket, Holder, Drops, Connections, FromOutside);
    }
}
