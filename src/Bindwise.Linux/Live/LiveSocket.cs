using System.Runtime.InteropServices;
using Bindwise.Linux.Live.Processes;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Live;

/// <summary>A socket that a scenario has open.</summary>
/// <param name="descriptor">The socket.</param>
/// <param name="protocol">TCP or UDP.</param>
/// <param name="family">Its family.</param>
/// <param name="user">As whom every call on it is made; null for the user that plays.</param>
internal sealed class LiveSocket(SafeFileDescriptor descriptor, Protocol protocol, IpFamily family, uint? user) : IDisposable
{
    /// <summary>
    /// How long connect and send wait. Longer than the three requests, a second apart, after which an unknown neighbour is given up
    /// (EHOSTUNREACH; arp(7), mcast_solicit), and between two retries of a SYN (after 3 s and 7 s): so that neither is a matter of luck.
    /// </summary>
    private static readonly TimeValue SendPatience = new() { Seconds = 5 };

    /// <summary>How long accept and receive wait for what has come already.</summary>
    private static readonly TimeValue ReceivePatience = new() { Microseconds = 50_000 };

    /// <summary>How long accept and receive wait for something to come: shorter than a tick of the kernel, which is the least that SO_RCVTIMEO takes.</summary>
    private const int ArrivalMicroseconds = 250;

    private bool _isReceiveBounded;
    private bool _isSendBounded;

    internal SafeFileDescriptor Descriptor { get; } = descriptor;

    internal Protocol Protocol { get; } = protocol;

    internal IpFamily Family { get; } = family;

    internal uint? User { get; } = user;

    /// <summary>Another socket may hear of what is done to it: it listens, or was connected, accepted or tried to connect.</summary>
    internal bool HasPeers { get; set; }

    /// <summary>
    /// Waits a little for something to come: data, a connection, an end or an error. Only then is a call that blocks worth its wait; and
    /// only such a call tells an end: one that does not block gives EAGAIN for a UDP socket that was shut down
    /// (__skb_wait_for_more_packets(), net/core/datagram.c).
    /// </summary>
    internal bool WaitForArrival()
    {
        if (!PollCall.WaitUntilReadable(Descriptor, ArrivalMicroseconds))
            return false;
        Bound(ref _isReceiveBounded, SocketOptionCall.ReceiveTimeout, ReceivePatience);
        return true;
    }

    /// <summary>Bounds the waits of connect and send (SO_SNDTIMEO).</summary>
    internal void BoundSend() => Bound(ref _isSendBounded, SocketOptionCall.SendTimeout, SendPatience);

    /// <summary>SO_LINGER with no time: close() sends a reset where there is a peer, and leaves nothing.</summary>
    internal Errno ResetOnClose() => LiveOptions.SetLinger(Descriptor, 0);

    /// <inheritdoc/>
    public void Dispose() => ForkGate.Close(Descriptor);

    private void Bound(ref bool isBounded, int option, TimeValue limit)
    {
        if (isBounded)
            return;
        isBounded = true;
        _ = SocketOptionCall.Set(Descriptor, SocketOptionCall.LevelSocket, option, MemoryMarshal.AsBytes(new ReadOnlySpan<TimeValue>(in limit)));
    }
}
