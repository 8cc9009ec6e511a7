namespace Bindwise;

/// <summary>What is worth waiting for when an address is in use.</summary>
[Flags]
public enum WaitFor
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>Sockets that the kernel lets go by a timer, as TIME_WAIT and an abandoned FIN_WAIT2, if they end within the time there is.</summary>
    Timers = 1,

    /// <summary>Connections that a program still has to close, and sockets that are bound without listening.</summary>
    Connections = 2,

    /// <summary>A former instance of this same program (same executable, arguments and user) that is about to end.</summary>
    FormerInstance = 4,

    /// <summary>Another program's listener.</summary>
    OtherListeners = 8,

    /// <summary>Free ports of the ephemeral range, for port 0.</summary>
    FreePorts = 16,

    /// <summary>An address that is not there yet, or still tentative (duplicate address detection).</summary>
    Address = 32,

    /// <summary>What ends without anybody's doing: timers, a tentative address.</summary>
    WhatEndsByItself = Timers | Address,

    /// <summary>All of it.</summary>
    Everything = Timers | Connections | FormerInstance | OtherListeners | FreePorts | Address,
}
