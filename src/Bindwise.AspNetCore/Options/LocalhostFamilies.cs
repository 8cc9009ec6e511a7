namespace Bindwise.AspNetCore;

/// <summary>Which addresses <c>localhost</c> stands for; both get one port.</summary>
public enum LocalhostFamilies
{
    /// <summary>127.0.0.1, and [::1] if the host has it: as Kestrel does, but always with one port for both.</summary>
    Present,

    /// <summary>Only 127.0.0.1.</summary>
    IPv4Only,
}
