using System.Collections.Immutable;
using Bindwise.Model.Tests.Rules;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Hosts for the diagnoser: what a snapshot of one would hold.</summary>
internal static class Hosts
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 14, 1, 50, TimeSpan.FromHours(1));

    public static Snapshot With(params string[] sockets) => Of([.. sockets.Select(SocketLine.Held)]);

    public static Snapshot Of(params HeldSocket[] sockets) => new()
    {
        TakenAt = Now,
        Kernel = "6.18.0",
        Sockets = [.. sockets],
        Settings = new HostSettings { UnprivilegedPortStart = 1024, LocalPortFirst = 32768, LocalPortLast = 60999, BindV6Only = false },
        Caller = new Caller { UserId = 0, MayBindPrivilegedPorts = Fact.Yes },
        Coverage = new Coverage { ListenersRead = true, AllStatesRead = true, OwnersRead = true, Processes = 10 },
        Interfaces =
        [
            new InterfaceRecord { Index = 1, Name = "lo", IsUp = true, Addresses = [new(IpAddress.LoopbackIPv4, 8), new(IpAddress.LoopbackIPv6, 128)] },
        ],
    };

    public static Snapshot HeldBy(this Snapshot snapshot, params ProcessRecord[] processes) => snapshot with
    {
        Processes = [.. processes],
        Holders = [.. snapshot.Sockets.Where(s => s.Inode != 0).Select(s => s.Inode).Distinct().SelectMany(i => processes.Where(p => p.Name != "bash").Select(p => new Holder(i, p.Id, 3)))],
    };

    public static Snapshot Probed(this Snapshot snapshot, BindRequest request, int errno) =>
        snapshot with { Probes = snapshot.Probes.Add(new ProbeResult(request, errno)) };

    public static ProcessRecord Process(int id, string name, int parent = 100, char state = 'S', ulong start = 0, int group = 0) => new()
    {
        Id = id,
        ParentId = parent,
        GroupId = group == 0 ? id : group,
        Name = name,
        State = state,
        StartTicks = start == 0 ? (ulong)id : start,
        Executable = "/usr/bin/" + name,
        Arguments = [name],
        UserId = 0,
    };

    public static HeldSocket TimeWait(int millisecondsLeft = 41_000, string address = "127.0.0.1") =>
        SocketLine.Held($"tcp {address} TIME_WAIT ra? rp? uid?") with
        {
            MillisecondsLeft = millisecondsLeft,
            Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 40000),
            V6Only = address.Contains(':', StringComparison.Ordinal) ? Fact.Unknown : Fact.No,
        };

    public static Target PortTarget(string? host = null, Protocol protocol = Protocol.Tcp, ushort port = SocketLine.Port) => new()
    {
        Text = port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Protocol = protocol,
        Host = host,
        Address = IpAddress.TryParse(host, out var address) ? address : null,
        Port = port,
    };

    public static IpAddress Address(string text) => IpAddress.TryParse(text, out var parsed) ? parsed : throw new FormatException(text);

    public static BindRequest Request(string address, bool reuseAddress = false, bool reusePort = false) => new()
    {
        Protocol = Protocol.Tcp,
        Address = Address(address),
        Port = SocketLine.Port,
        ReuseAddress = reuseAddress,
        ReusePort = reusePort,
    };

    public static ImmutableArray<InterfaceRecord> Plus(this ImmutableArray<InterfaceRecord> links, string name, bool isUp, params InterfaceAddress[] addresses) =>
        links.Add(new InterfaceRecord { Index = (uint)links.Length + 1, Name = name, IsUp = isUp, Addresses = [.. addresses] });
}
