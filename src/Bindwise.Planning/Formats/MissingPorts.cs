using Bindwise.Planning.Formats.Commands;
using Bindwise.Planning.Formats.Compose;
using Bindwise.Planning.Formats.Containers;
using Bindwise.Planning.Formats.DotNet;
using Bindwise.Planning.Formats.Proxies;
using Bindwise.Planning.Formats.Systemd;

namespace Bindwise.Planning.Formats;

/// <summary>Why a file that was read whole names no port of the host: what its format would name one by.</summary>
internal static class MissingPorts
{
    /// <summary>The source with what it lacks where it names no port and no reader said why.</summary>
    public static PlanSource Explain(PlanSource source) =>
        source is { Ports: 0, WhyNone: null } ? source with { WhyNone = Lacking(source.Format) } : source;

    private static string? Lacking(string format) => format switch
    {
        ComposeReader.Format => "no service of it publishes a port (ports)",
        PackageReader.Format => "no script of it names a port",
        ProcfileReader.Format => "no web process, and no command that names a port",
        DevContainerReader.Format => "no appPort, and no -p in runArgs",
        KubernetesReader.Format => "no hostPort, nodePort or hostNetwork",
        AppSettingsReader.Format or LaunchSettingsReader.Format => "no URL with a port",
        NginxReader.Format => "no listen of a server",
        HaproxyReader.Format => "no bind with a port",
        ServiceUnitReader.Format => "neither ExecStart= nor Environment= names a port",
        SocketUnitFileReader.Format => "no ListenStream= or ListenDatagram= with a port",
        _ => null,
    };
}
