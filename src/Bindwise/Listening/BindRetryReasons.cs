namespace Bindwise;

/// <summary>Why a bind is worth another attempt.</summary>
[Flags]
public enum BindRetryReasons
{
    /// <summary>No reason: any cause fails at once.</summary>
    None = 0,

    /// <summary>
    /// Sockets that the kernel ends by a timer, such as TIME_WAIT and an abandoned FIN_WAIT2, if they end within the limit.
    /// </summary>
    Timers = 1,

    /// <summary>Connections that a program still has to close, and sockets that are bound but do not listen.</summary>
    Connections = 2,

    /// <summary>A former instance of this same program (same executable, arguments and user) that is about to end.</summary>
    FormerInstance = 4,

    /// <summary>A listener of another program, which may never end.</summary>
    OtherListeners = 8,

    /// <summary>Free ports of the ephemeral range, for port 0.</summary>
    FreePorts = 16,

    /// <summary>An address that does not exist yet, or is still tentative (duplicate address detection).</summary>
    Address = 32,

    /// <summary>What ends by itself: timers, a tentative address.</summary>
    WhatEndsByItself = Timers | Address,

    /// <summary>All of these reasons.</summary>
    All = Timers | Connections | FormerInstance | OtherListeners | FreePorts | Address,
}
