namespace Bindwise.Extensions.Hosting;

/// <summary>What to do with sockets that were passed to this process (LISTEN_FDS, sd_listen_fds(3)).</summary>
public enum SocketActivationMode
{
    /// <summary>Does not take them. Kestrel's own <c>UseSystemd()</c> still works.</summary>
    Off,

    /// <summary>
    /// An endpoint takes the socket that is bound where it would listen, or that has its name (of Kestrel's endpoints: in
    /// <c>Bindwise:SocketNames</c>); the others bind.
    /// </summary>
    Matching,

    /// <summary>
    /// If sockets were passed, the server listens on them, and leaves out URLs that none of them serves, as <c>UseSystemd()</c> does.
    /// Endpoints of code and of <c>Kestrel:Endpoints</c> stay. A passed socket without a URL serves plain HTTP.
    /// </summary>
    InsteadOfUrls,
}
