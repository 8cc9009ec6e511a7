namespace Bindwise.Cli.CommandLine;

/// <summary>What exists on this host now, which a shell offers as a value (<c>bindwise complete</c>).</summary>
internal enum LiveValue : byte
{
    /// <summary>Nothing: the value is something else.</summary>
    None,

    /// <summary>The TCP and UDP ports in use.</summary>
    Ports,

    /// <summary>Services and sockets of systemd.</summary>
    Units,

    Containers,
}
