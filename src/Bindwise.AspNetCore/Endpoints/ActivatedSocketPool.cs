namespace Bindwise.AspNetCore;

/// <summary>The sockets that were passed to this process, taken once, and which of them still wait for an endpoint.</summary>
internal sealed class ActivatedSocketPool(IOptions<BindwiseOptions> options, ILoggerFactory loggers)
{
    private readonly PassedSockets _passed = new();
    private readonly List<ActivatedSocket> _waiting = [];
    private ImmutableArray<ActivatedSocket>? _taken;
    private bool _isRefused;

    public IReadOnlyList<ActivatedSocket> Waiting => _waiting;

    /// <summary>Takes them, when the options say so; empty otherwise.</summary>
    public ImmutableArray<ActivatedSocket> Take()
    {
        if (_taken is { } before)
            return before;
        // What the service manager kept for this service is the hand-over's.
        var all = options.Value.SocketActivation == SocketActivationMode.Off || options.Value.HandOver.UseDescriptorStore ? [] : TakeAll();
        _taken = all;
        _waiting.AddRange(all);
        return all;
    }

    private ImmutableArray<ActivatedSocket> TakeAll()
    {
        var mismatch = options.Value.ListenPidMismatch;
        try
        {
            return SocketActivation.Take(mismatch ?? ListenPidMismatch.Refuse);
        }
        catch (SocketActivationException exception) when (mismatch is null)
        {
            // Variables that this process got from its parent may be none of its business.
            StartLog.NotTaken(loggers.CreateLogger(BindLogEvents.Category), exception.Message);
            _isRefused = true;
            return [];
        }
    }

    /// <summary>The one with a descriptor, for Kestrel's own endpoints of descriptors; null for none.</summary>
    public ActivatedSocket? Find(ulong descriptor) => _taken?.FirstOrDefault(one => (ulong)one.Descriptor == descriptor);

    /// <summary>It is an endpoint of Kestrel's own (<c>UseSystemd()</c>, <c>ListenHandle</c>), and waits for no other.</summary>
    public void Claim(ulong descriptor) => _waiting.RemoveAll(one => (ulong)one.Descriptor == descriptor);

    /// <summary>By the name that the options give its port, else by its address: of localhost one for each of its two.</summary>
    public ImmutableArray<ActivatedSocket> Find(List<ActivatedSocket> among, AskedEndpoint asked)
    {
        var isNamed = options.Value.SocketNames.TryGetValue(asked.Port, out var name) && asked.Port > 0;
        var first = among.Find(one => (isNamed ? one.Name == name : IsAt(one.LocalEndPoint, asked.EndPoint)) && IsStream(one));
        if (asked.Kind != EndpointKind.Localhost || options.Value.Localhost == LocalhostFamilies.IPv4Only || (isNamed && first is null))
            return first is null ? [] : [first];
        var at = first?.LocalEndPoint as IPEndPoint;
        var elsewhere = IPAddress.IPv6Loopback.Equals(at?.Address) ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        var other = among.Find(one => IsAt(one.LocalEndPoint, new IPEndPoint(elsewhere, at?.Port ?? asked.Port)) && IsStream(one));
        return [.. new[] { first, other }.OfType<ActivatedSocket>()];
    }

    /// <summary>The same, of those that wait; they wait no longer.</summary>
    public ImmutableArray<ActivatedSocket> Fetch(AskedEndpoint asked)
    {
        var found = Find(_waiting, asked);
        _waiting.RemoveAll(found.Contains);
        return found;
    }

    /// <summary>What would let an endpoint take the passed socket in its way; null where none is.</summary>
    public string? AdviceOn(BindException? failure) => _passed.AdviceOn(failure, options.Value.SocketActivation,
        _waiting.Count > 0 ? "Use its address for an endpoint, or name the socket in "
            + $"{BindwiseOptions.SectionName}:{nameof(BindwiseOptions.SocketNames)}."
        : _isRefused && !_passed.AreAnothers ? "Let the program that starts this one set the variables to what it passes." : null);

    // A server of streams has no use for datagram sockets.
    private static bool IsStream(ActivatedSocket socket) => socket.Socket.SocketType == SocketType.Stream;

    private static bool IsAt(EndPoint bound, EndPoint asked) => (bound, asked) switch
    {
        (IPEndPoint { Port: var port } here, IPEndPoint there) when port == there.Port =>
            here.Address.Equals(there.Address) || (there.Address.Equals(IPAddress.IPv6Any) && here.Address.Equals(IPAddress.Any)),
        (UnixDomainSocketEndPoint here, UnixDomainSocketEndPoint there) => here.ToString() == there.ToString(),
        _ => false,
    };
}
