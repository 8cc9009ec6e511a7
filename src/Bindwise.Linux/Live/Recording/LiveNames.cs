using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live.Recording;

/// <summary>Which name of the scenario a socket has, by its cookie: it stays the same to the end of what is left of the socket.</summary>
internal sealed class LiveNames
{
    private readonly Dictionary<ulong, (string Name, string? Process)> _byCookie = [];
    private readonly Dictionary<string, ulong> _byName = new(StringComparer.Ordinal);

    /// <summary>Remembers a socket that was made or accepted.</summary>
    internal void Remember(string name, SafeFileDescriptor socket, string? process = null)
    {
        if (SocketOptionCall.Get<ulong>(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Cookie, out var cookie) == Errno.None)
            Remember(name, cookie, process);
    }

    /// <summary>Remembers a socket by its cookie (SO_COOKIE).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cookie">Its cookie.</param>
    /// <param name="process">The process that holds it, by its name in the scenario; null for the player itself.</param>
    internal void Remember(string name, ulong cookie, string? process)
    {
        _byCookie[cookie] = (name, process);
        _byName[name] = cookie;
    }

    /// <summary>The name of a socket; null for none.</summary>
    internal string? NameOf(ulong cookie) => _byCookie.TryGetValue(cookie, out var found) ? found.Name : null;

    /// <summary>The process of a socket; null for none.</summary>
    internal string? ProcessOf(ulong cookie) => _byCookie.TryGetValue(cookie, out var found) ? found.Process : null;

    /// <summary>The cookie of the socket that had a name last; null where it was never made.</summary>
    internal ulong? CookieOf(string name) => _byName.TryGetValue(name, out var cookie) ? cookie : null;
}
