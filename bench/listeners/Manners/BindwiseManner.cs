namespace Bindwise.Listeners.Manners;

/// <summary>The package: one request, and the sockets that were passed where some were.</summary>
/// <param name="refine">What is asked for besides: a retry policy, or further ports.</param>
internal sealed class BindwiseManner(Func<ListenRequest, ListenRequest>? refine = null) : IManner
{
    internal static ListenPidMismatch Behind => Environment.GetEnvironmentVariable("BEHIND_WRAPPER") is { } told ? Enum.Parse<ListenPidMismatch>(told) : ListenPidMismatch.Refuse;

    public async Task<Listening> ListenAsync(Wanted wanted)
    {
        var request = wanted switch
        {
            { UnixPath: { } path } => ListenRequest.OnUnixSocket(path),
            { IsLocalhost: true } => ListenRequest.OnLocalhost(wanted.Port),
            _ => ListenRequest.On(wanted.Addresses[0], wanted.Port) with { Transports = wanted.WithUdp ? Transports.TcpAndUdp : Transports.Tcp },
        };
        var plan = new SocketActivationOptions { Listeners = [new NamedListenRequest { Request = refine is null ? request : refine(request), Name = "web" }], ListenPidMismatch = Behind };
        var listener = (await SocketActivation.ListenAsync(plan)).Listeners[0].Listener;
        return Listening.Serve([.. listener.Sockets.Select(static one => one.Socket)], more: listener);
    }
}
