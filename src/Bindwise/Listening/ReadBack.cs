using System.Net;
using System.Runtime.Versioning;
using Bindwise.Linux.Listening;

namespace Bindwise;

/// <summary>Holds what the kernel has against what was asked: a sandbox or a BPF program may answer a setsockopt() and do nothing.</summary>
[SupportedOSPlatform("linux")]
internal static class ReadBack
{
    /// <summary>Compares.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static void Check(in ListenOptions asked, in ListenOptions inEffect, IPAddress address, int port)
    {
        var difference = asked.ReuseAddress != inEffect.ReuseAddress ? ("SO_REUSEADDR", Number(inEffect.ReuseAddress), Number(asked.ReuseAddress))
            : asked.ReusePort != inEffect.ReusePort ? ("SO_REUSEPORT", Number(inEffect.ReusePort), Number(asked.ReusePort))
            : asked.V6Only is { } only && inEffect.V6Only is { } has && only != has ? ("IPV6_V6ONLY", Number(has), Number(only))
            : asked.Freebind && !inEffect.Freebind ? ("IP_FREEBIND", "0", "1")
            : asked.Device is not null && asked.Device != inEffect.Device ? ("SO_BINDTODEVICE", inEffect.Device ?? "none", asked.Device)
            : default;
        if (difference.Item1 is { } option)
        {
            throw new InvalidOperationException(
                $"The socket for {new IPEndPoint(address, port)} was bound with {option} = {difference.Item2} although {difference.Item3} was asked for: "
                + "a sandbox or a BPF program on the host changes socket options. The socket was closed.");
        }
    }

    /// <summary>The settings as they are in effect.</summary>
    public static SocketSettings InEffect(SocketSettings asked, in ListenOptions inEffect) => asked with
    {
        ReuseAddress = inEffect.ReuseAddress,
        ReusePort = inEffect.ReusePort,
        V6Only = inEffect.V6Only,
        Device = inEffect.Device,
        Freebind = inEffect.Freebind,
    };

    private static string Number(bool value) => value ? "1" : "0";
}
