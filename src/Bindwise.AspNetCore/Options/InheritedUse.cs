namespace Bindwise.AspNetCore;

/// <summary>What to do with sockets that were passed to this process (LISTEN_FDS, sd_listen_fds(3)).</summary>
public enum InheritedUse
{
    /// <summary>Does not take them. Kestrel's own <c>UseSystemd()</c> still works.</summary>
    No,

    /// <summary>An endpoint takes the socket that is bound where it would listen, or that has the name of <see cref="BindwiseOptions.InheritedNames"/>; the others bind.</summary>
    Matching,

    /// <summary>
    /// If sockets were passed, the server listens on them, and leaves out URLs that none of them serves, as <c>UseSystemd()</c> does. Endpoints
    /// of code and of <c>Kestrel:Endpoints</c> stay. A passed socket without a URL serves plain HTTP.
    /// </summary>
    InsteadOfUrls,
}
