using System.Runtime.InteropServices;
using Bindwise.Linux.Live.Processes;
using Bindwise.Linux.Threads;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

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

    /// <summary>
    /// How long accept and receive wait for something to come: shorter than a tick of the kernel, which is the least that SO_RCVTIMEO
    /// takes.
    /// </summary>
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

    public void Dispose() => ForkGate.Close(Descriptor);

    private void Bound(ref bool isBounded, int option, TimeValue limit)
    {
        if (isBounded)
            return;
        isBounded = true;
        _ = SocketOptionCall.SetTimeout(Descriptor, option, limit);
    }
}

/// <summary>The kernel's answers as results, each made once.</summary>
internal static class LiveResult
{
    private const int KnownErrnos = 134;

    private static readonly StepResult[] Known = [.. Enumerable.Range(0, KnownErrnos)
        .Select(static errno => new StepResult(ErrnoNames.Of(errno)))];

    private static readonly Errno[] Shortages = [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM];

    internal static StepResult NoSocket { get; } = new(StepResult.NoSocket);

    internal static StepResult Ok => Known[0];

    internal static StepResult Named(string result) => result == StepResult.Ok ? Ok : new StepResult(result);

    internal static StepResult Of(Errno errno) =>
        (int)errno is >= 0 and < KnownErrnos ? Known[(int)errno] : new StepResult(ErrnoNames.Of((int)errno));

    /// <summary>What the player itself is short of, one line: no rule of bind() gave that result. Null for every other result.</summary>
    internal static string? ShortageBehind(StepResult result)
    {
        foreach (var errno in Shortages)
        {
            if (result.Result == Of(errno).Result)
                return ResourceShortage.Behind(errno);
        }
        return null;
    }
}

/// <summary>setsockopt(2) as scenarios name its options.</summary>
internal static class LiveOptions
{
    /// <summary>Sets an option; the kernel judges every value that fits the option's type.</summary>
    internal static Errno Set(SafeFileDescriptor socket, SocketOption option, OptionValue value) => option switch
    {
        SocketOption.ReuseAddress => SetFlag(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, value),
        SocketOption.ReusePort => SetFlag(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, value),
        SocketOption.V6Only => SetFlag(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, value),
        SocketOption.BindToDevice =>
            SetDevice(socket, value.Text ?? (value.Number == 0 ? "" : value.Number.ToString(CultureInfo.InvariantCulture))),
        SocketOption.Freebind => SetFlag(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind, value),
        SocketOption.FreebindIPv6 => SetFlag(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.FreebindIPv6, value),
        SocketOption.Transparent => SetFlag(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent, value),
        SocketOption.BindAddressNoPort => SetFlag(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort, value),
        SocketOption.LocalPortRange => SetRange(socket, value),
        SocketOption.Linger => SetLinger(socket, value.Number),
        _ => Errno.ENOPROTOOPT,
    };

    /// <summary>SO_BINDTODEVICE; an empty name unbinds. The kernel cuts a name that is too long.</summary>
    internal static Errno SetDevice(SafeFileDescriptor socket, string device) =>
        SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, Encoding.UTF8.GetBytes(device));

    /// <summary>SO_LINGER; negative seconds switch it off.</summary>
    internal static Errno SetLinger(SafeFileDescriptor socket, long seconds)
    {
        var value = new LingerValue { OnOff = seconds < 0 ? 0 : 1, Seconds = (int)Math.Clamp(seconds, 0, int.MaxValue) };
        return SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Linger,
            MemoryMarshal.AsBytes(new ReadOnlySpan<LingerValue>(in value)));
    }

    /// <summary>A number beyond the kernel's int stays on the side of zero that it is on.</summary>
    private static Errno SetFlag(SafeFileDescriptor socket, int level, int name, OptionValue value) =>
        SocketOptionCall.Set(socket, level, name, (int)Math.Clamp(value.Number, int.MinValue, int.MaxValue));

    private static Errno SetRange(SafeFileDescriptor socket, OptionValue value)
    {
        var word = value.Text is null ? value.Number : ParseRange(value.Text);
        return word is < 0 or > uint.MaxValue
            ? Errno.EINVAL
            : SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.LocalPortRange, unchecked((int)(uint)word));
    }

    /// <summary>The kernel's word for <c>first-last</c>; -1 for anything else.</summary>
    private static long ParseRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ushort.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && ushort.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? ((long)last << 16) | first
            : -1;
    }
}
