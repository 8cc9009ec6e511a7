using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Bindwise.Model.Diagnosing.Planning;
using ModelState = Bindwise.Diagnostics.TcpSocketState;
using State = System.Net.NetworkInformation.TcpState;

namespace Bindwise.Portable;

/// <summary>Takes a snapshot by .NET's own means alone: names, interfaces, a probe, and the sockets that the system lists. Works on macOS,
/// Windows and Linux; tells no owners, no options, and no sockets that are bound without listening.</summary>
internal static class PortableInspector
{
    /// <summary>Reads what the target's portable answer stands on.</summary>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="InspectionException">The system cannot answer, as for an unknown host.</exception>
    public static Snapshot Inspect(InspectionRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target;
        var started = Stopwatch.GetTimestamp();
        var notes = new List<string>();
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.Now,
            Kernel = RuntimeInformation.OSDescription,
            Settings = new HostSettings { HasIPv4 = Socket.OSSupportsIPv4, HasIPv6 = Socket.OSSupportsIPv6 },
            Names = PortableNames.LookUp(target),
            Coverage = new Coverage { BoundOnlySeen = false },
            Portable = new PortableRecord { System = System },
        };
        cancellationToken.ThrowIfCancellationRequested();
        if (target.Host is not (null or "*" or "+") || target.Scope is not null)
            snapshot = snapshot with { Interfaces = PortableInterfaces.Read(notes) };
        var plan = RequestPlan.From(target, request.Options, snapshot);
        if (plan.Asked.IsEmpty)
            throw new InspectionException($"no address was found for {target.Host}: give an address, such as 127.0.0.1:{target.Port}");
        cancellationToken.ThrowIfCancellationRequested();
        var record = snapshot.Portable;
        if (target.Protocol == Protocol.Unix)
            snapshot = snapshot with { UnixPath = PortablePath.Read(target.Path!) };
        else
        {
            // The probe first: what it was refused for is then looked for, and not the other way round.
            if (request.MayProbe)
                record = record with { Probes = new PortableProber(record.System, snapshot.Interfaces, notes).Ask(plan) };
            record = SocketList.Read(record, target.Protocol, plan.Port!.Value, notes);
        }
        return snapshot with
        {
            Portable = record,
            Coverage = snapshot.Coverage with
            {
                ListenersRead = record.IsListRead,
                AllStatesRead = record.IsListRead,
                Notes = [.. notes.Distinct()],
                Timings = [new StageTiming
                {
                    Stage = "portable",
                    Microseconds = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds,
                }],
            },
        };
    }

    private static HostSystem System => OperatingSystem.IsWindows() ? HostSystem.Windows
        : OperatingSystem.IsMacOS() ? HostSystem.MacOS
        : OperatingSystem.IsLinux() ? HostSystem.Linux
        : HostSystem.Other;
}

/// <summary>The interfaces with their addresses, as .NET lists them.</summary>
internal static class PortableInterfaces
{
    public static ImmutableArray<InterfaceRecord> Read(List<string> notes)
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().Select(RecordOf)];
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException)
        {
            notes.Add("the interfaces could not be read: " + e.Message.ReplaceLineEndings(" "));
            return [];
        }
    }

    private static InterfaceRecord RecordOf(NetworkInterface link)
    {
        var properties = link.GetIPProperties();
        return new InterfaceRecord
        {
            Index = IndexOf(link, properties),
            Name = link.Name,
            IsUp = link.OperationalStatus == OperationalStatus.Up,
            Addresses = [.. properties.UnicastAddresses.Select(static u => new InterfaceAddress
            {
                Address = IpAddress.FromBytes(u.Address.GetAddressBytes()),
                PrefixLength = u.PrefixLength,
                IsTentative = OperatingSystem.IsWindows() && u.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Tentative,
                IsDuplicate = OperatingSystem.IsWindows() && u.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Duplicate,
            })],
        };
    }

    /// <summary>0 for an interface of neither family.</summary>
    private static uint IndexOf(NetworkInterface link, IPInterfaceProperties properties)
    {
        if (link.Supports(NetworkInterfaceComponent.IPv6) && Socket.OSSupportsIPv6)
            return (uint)properties.GetIPv6Properties().Index;
        return link.Supports(NetworkInterfaceComponent.IPv4) ? (uint)properties.GetIPv4Properties().Index : 0;
    }
}

/// <summary>The sockets that the system lists (IPGlobalProperties): listeners, connections with TIME_WAIT where the system shows it, UDP
/// sockets.</summary>
internal static class SocketList
{
    /// <summary>Sockets of one port that are kept one by one.</summary>
    public const int Maximum = 256;

    /// <summary>The record with the sockets of a port; what cannot be read is noted.</summary>
    public static PortableRecord Read(PortableRecord record, Protocol protocol, ushort port, List<string> notes)
    {
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            var found = (protocol == Protocol.Udp
                ? host.GetActiveUdpListeners().Where(e => e.Port == port)
                    .Select(static e => new SeenSocket(Protocol.Udp, ModelState.Close, EndpointOf(e), default))
                : host.GetActiveTcpListeners().Where(e => e.Port == port)
                    .Select(static e => new SeenSocket(Protocol.Tcp, ModelState.Listen, EndpointOf(e), default))
                    .Concat(host.GetActiveTcpConnections().Where(c => c.LocalEndPoint.Port == port && c.State != State.Listen)
                        .Select(static c => new SeenSocket(Protocol.Tcp, StateOf(c.State), EndpointOf(c.LocalEndPoint),
                            EndpointOf(c.RemoteEndPoint))))).ToList();
            return record with { Seen = [.. found.Take(Maximum)], SeenCount = found.Count, IsListRead = true };
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            notes.Add("the system's list of sockets could not be read: " + e.Message.ReplaceLineEndings(" "));
            return record;
        }
    }

    /// <summary>The kernel's names; DELETE_TCB is Windows's last state before nothing.</summary>
    internal static ModelState StateOf(State state) => state switch
    {
        State.Listen => ModelState.Listen,
        State.SynSent => ModelState.SynSent,
        State.SynReceived => ModelState.SynReceived,
        State.Established => ModelState.Established,
        State.FinWait1 => ModelState.FinWait1,
        State.FinWait2 => ModelState.FinWait2,
        State.CloseWait => ModelState.CloseWait,
        State.Closing => ModelState.Closing,
        State.LastAck => ModelState.LastAck,
        State.TimeWait => ModelState.TimeWait,
        _ => ModelState.Close,
    };

    private static IpEndpoint EndpointOf(IPEndPoint endpoint) =>
        new(IpAddress.FromBytes(endpoint.Address.GetAddressBytes()), (ushort)endpoint.Port);
}
