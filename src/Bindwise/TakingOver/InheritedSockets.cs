using System.Collections.Immutable;

namespace Bindwise;

/// <summary>Sockets that were passed to this process: by systemd (LISTEN_FDS, sd_listen_fds(3)) or by a parent.</summary>
public static class InheritedSockets
{
    /// <summary>
    /// Takes them: each once, set close-on-exec, with the variables removed so that no child takes them again. Empty when none was passed, and
    /// on systems other than Linux.
    /// </summary>
    /// <param name="behindWrapper">What to do where LISTEN_PID names another process.</param>
    /// <exception cref="InheritanceException">They were passed to another process and <paramref name="behindWrapper"/> refuses; a variable is no number; a descriptor is no socket.</exception>
    public static ImmutableArray<InheritedSocket> Take(BehindWrapper behindWrapper = BehindWrapper.Refuse) => throw new NotSupportedException();
}
