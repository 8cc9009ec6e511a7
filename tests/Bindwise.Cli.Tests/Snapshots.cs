using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Tests;

/// <summary>A snapshot file with one answer of each kind: 127.0.0.1:1001 is free, :1002 blocked, :1003 cannot be told.</summary>
internal sealed class Snapshots : IDisposable
{
    private static readonly HostSettings Settings = new() { UnprivilegedPortStart = 0, LocalPortFirst = 32768, LocalPortLast = 60999, BindV6Only = false };

    public string Folder { get; } = Directory.CreateTempSubdirectory("bindwise-cli-").FullName;

    public string File { get; }

    public Snapshots()
    {
        File = Path.Combine(Folder, "three.json");
        using var stream = System.IO.File.Create(File);
        SnapshotFile.Write(stream, new SnapshotFile(ProgramOptions.None with { ReuseAddress = true },
            [Entry(1001), Entry(1002, TcpSocketState.Listen), Entry(1003, TcpSocketState.TimeWait)]));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static SnapshotEntry Entry(ushort port, TcpSocketState? held = null)
    {
        var local = new IpEndpoint(IpAddress.LoopbackIPv4, port);
        var socket = new HeldSocket
        {
            Protocol = Protocol.Tcp,
            State = held ?? TcpSocketState.Listen,
            Local = local,
            V6Only = Fact.No,
            UserId = held == TcpSocketState.Listen ? 1000u : null,
            Inode = held == TcpSocketState.Listen ? 77u : 0u,
            Cookie = 5,
            SendQueue = 128,
            Remote = held == TcpSocketState.TimeWait ? local with { Port = 40001 } : local with { Port = 0 },
            MillisecondsLeft = held == TcpSocketState.TimeWait ? 41_250 : null,
        };
        return new SnapshotEntry(
            new Target { Text = local.ToString(), Protocol = Protocol.Tcp, Host = "127.0.0.1", Address = local.Address, Port = port },
            new Snapshot
            {
                TakenAt = new DateTimeOffset(2026, 7, 1, 16, 2, 30, TimeSpan.FromHours(2)),
                Kernel = "6.18.0",
                Settings = Settings,
                Coverage = new Coverage { ListenersRead = true, AllStatesRead = true, OwnersRead = true, Processes = 9 },
                Sockets = held is null ? [] : [socket],
                Interfaces = [new InterfaceRecord { Index = 1, Name = "lo", IsUp = true, Addresses = [new InterfaceAddress(
                    IpAddress.LoopbackIPv4, 8)] }],
                AddressFacts = [new AddressFact(IpAddress.LoopbackIPv4, AddressKind.Local)],
                Caller = new Caller { UserId = 1000, UserName = "alice", MayBindPrivilegedPorts = Fact.Yes },
            });
    }
}
