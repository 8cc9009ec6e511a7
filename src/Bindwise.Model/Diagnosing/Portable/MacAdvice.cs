using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>macOS: lsof, and the service of its own that surprises developers.</summary>
internal static class MacAdvice
{
    /// <summary>AirPlay Receiver's ports, since macOS 12: Flask's and Docker registry's 5000, and 7000.</summary>
    private static readonly ushort[] AirPlayPorts = [5000, 7000];

    public static IEnumerable<Remedy> OfUse(PortableContext f)
    {
        var port = f.Port;
        if (f.Target.Protocol == Protocol.Tcp && AirPlayPorts.Contains(f.Port))
        {
            yield return Remedy.Of(
                "airplay-receiver",
                $"Port {port} is AirPlay Receiver's since macOS 12: if lsof names ControlCe (ControlCenter), switch it off in System Settings > General > AirDrop & Handoff > AirPlay Receiver.",
                null,
                "this Mac is no longer an AirPlay target",
                "stopping ControlCenter does not help; the system starts it again");
        }
        var command = f.Target.Protocol == Protocol.Udp ? ShellCommand.Of($"lsof -nP -iUDP:{port}")
            : f.SeesListener ? ShellCommand.Of($"lsof -nP -iTCP:{port} -sTCP:LISTEN")
            : ShellCommand.Of($"lsof -nP -iTCP:{port}");
        yield return Remedy.Of("see-owner", "See who holds it (with sudo, also the processes of other users).", command, "nothing", "none");
    }
}
