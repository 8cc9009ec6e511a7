using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore;

/// <summary>The sockets that were passed to this process, taken once, and which of them still wait for an endpoint.</summary>
internal sealed class ActivatedSocketPool(IOptions<BindwiseOptions> options, ILoggerFactory loggers)
{
    private readonly List<ActivatedSocket> _waiting = [];
    private ImmutableArray<ActivatedSocket>? _taken;
    private bool _areAnothers;

    public IReadOnlyList<ActivatedSocket> Waiting => _waiting;

    /// <summary>Takes them, when the options say so; empty otherwise.</summary>
    /// <exception cref="SocketActivationException">They cannot be taken.</exception>
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
        _areAnothers = options.Value.ListenPidMismatch == ListenPidMismatch.Ignore && ArePassed && !AreForThisProcess;
        try
        {
            return SocketActivation.Take(options.Value.ListenPidMismatch);
        }
        catch (SocketActivationException exception) when (options.Value.IsActivationByDefault
            && options.Value.ListenPidMismatch == ListenPidMismatch.Refuse)
        {
            // Variables that this process got from its parent may be none of its business: nobody has asked for sockets.
            StartLog.NotTaken(loggers.CreateLogger(BindLogEvents.Category), exception.Message);
            _areAnothers = !AreForThisProcess;
            return [];
        }
    }

    /// <summary>The one with a descriptor, for Kestrel's own endpoints of descriptors; null for none.</summary>
    public ActivatedSocket? Find(ulong descriptor) => _taken?.FirstOrDefault(one => (ulong)one.Descriptor == descriptor);

    /// <summary>
    /// That descriptor is an endpoint of Kestrel's own (<c>UseSystemd()</c>, <c>ListenHandle</c>): it waits for no other.
    /// </summary>
    public void Claim(ulong descriptor) => _waiting.RemoveAll(one => (ulong)one.Descriptor == descriptor);

    /// <summary>The one for an endpoint, by the name that the options give its port, else by its address; it waits no longer.</summary>
    public ActivatedSocket? Fetch(int port, EndPoint address)
    {
        var found = Find(_waiting, port, address);
        if (found is not null)
            _waiting.Remove(found);
        return found;
    }

    public ActivatedSocket? Find(List<ActivatedSocket> among, int port, EndPoint address) =>
        options.Value.SocketNames.TryGetValue(port, out var name) && port > 0
        ? among.Find(one => one.Name == name && IsStream(one))
        : among.Find(one => IsAt(one.LocalEndPoint, address) && IsStream(one));

    /// <summary>
    /// Where the socket is bound that was passed to this process, was taken by no endpoint, and now stands in the way of one, and what
    /// would let an endpoint take it; null for none.
    /// </summary>
    public (string Address, string Advice)? Overlooked(Diagnosis? failure) =>
        AdviceForOverlooked is { } advice
        && failure?.Blockers.FirstOrDefault(static one => one.Owners.Any(static owner => owner.Process.Id == Environment.ProcessId))
            is { } own
            ? (own.Socket.Path ?? own.Socket.Local.ToString(), advice)
            : null;

    private string? AdviceForOverlooked =>
        _waiting.Count > 0
            ? $"use that address for an endpoint, or name the socket in {BindwiseOptions.SectionName}:{nameof(BindwiseOptions.SocketNames)}"
        : _areAnothers ? $"let the program that starts this one do so with exec, or set {BindwiseOptions.SectionName}:"
            + $"{nameof(BindwiseOptions.ListenPidMismatch)} to {nameof(ListenPidMismatch.Take)}"
        : options.Value.SocketActivation == SocketActivationMode.Off && ArePassed
            ? $"set {BindwiseOptions.SectionName}:{nameof(BindwiseOptions.SocketActivation)} to {nameof(SocketActivationMode.Matching)}"
        : null;

    private static bool ArePassed => Environment.GetEnvironmentVariable("LISTEN_FDS") is { Length: > 0 };

    private static bool AreForThisProcess =>
        Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

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
