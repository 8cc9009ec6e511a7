namespace Bindwise.AspNetCore;

/// <summary>Which addresses <c>localhost</c> stands for; both get one port.</summary>
public enum LocalhostFamilies
{
    /// <summary>127.0.0.1, and [::1] where the host has it: as Kestrel does, but with one port for both, whatever it is.</summary>
    Present,

    /// <summary>127.0.0.1 alone.</summary>
    IPv4Only,
}
