using System.Net;
using System.Net.Sockets;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;

namespace Bindwise.Portable.Tests;

/// <summary>Runs on every system: what .NET tells of sockets that the test itself holds, on loopback ports that the system chose.</summary>
public sealed class PortableInspectorTests
{
    [Fact]
    public void Inspect_Listener_IsSeenAndTheBindRefused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0) { ExclusiveAddressUse = true };
        listener.Start();
        var port = PortOf(listener.LocalEndpoint);
        var diagnosis = Ask($"127.0.0.1:{port}");
        Assert.Equal((Verdict.Blocked, "EADDRINUSE", Cause.Listener), (diagnosis.Verdict, diagnosis.Errno, diagnosis.Cause));
        Assert.Contains(diagnosis.Portable!.Seen, seen => (seen.State, seen.Local.Port) == (TcpSocketState.Listen, port));
    }

    [Fact]
    public void Inspect_PortThatNobodyHas_IsFreeAndStaysSo()
    {
        ushort port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = PortOf(listener.LocalEndpoint);
        }
        Assert.Equal(Verdict.Free, Ask($"127.0.0.1:{port}").Verdict);
        using var again = new TcpListener(IPAddress.Loopback, port);
        again.Start();
    }

    [Fact]
    public void Inspect_UdpSocket_IsSeenOnUdpOnly()
    {
        // A number that no connection of another test has.
        ushort port;
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using (var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = PortOf(tcp.LocalEndPoint!);
            held.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        var diagnosis = Ask($"127.0.0.1:{port}/udp");
        Assert.Equal((Verdict.Blocked, Cause.UdpSocket), (diagnosis.Verdict, diagnosis.Cause));
        Assert.Empty(Ask($"127.0.0.1:{port}").Portable!.Seen);
    }

    [Fact]
    public void Inspect_Connection_IsSeenWithItsOtherEnd()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        // bind() gives a number that nobody has; connect() alone gives one that other connections may have too.
        client.Client.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        var port = PortOf(client.Client.LocalEndPoint!);
        var seen = Assert.Single(Ask($"127.0.0.1:{port}").Portable!.Seen);
        Assert.Equal((TcpSocketState.Established, PortOf(listener.LocalEndpoint)), (seen.State, seen.Remote.Port));
    }

    [Fact]
    public void Inspect_WithoutProbe_AsksNothingOfTheSystem()
    {
        var snapshot = PortableInspector.Inspect(new InspectionRequest { Target = TargetOf("127.0.0.1:1"), MayProbe = false }, CancellationToken.None);
        Assert.Empty(snapshot.Portable!.Probes);
        Assert.Equal(Verdict.Undetermined, Diagnoser.Diagnose(TargetOf("127.0.0.1:1"), ProgramOptions.None, snapshot).Verdict);
    }

    [Fact]
    public void Inspect_ThisSystem_IsNamed()
    {
        var system = OperatingSystem.IsWindows() ? HostSystem.Windows : OperatingSystem.IsMacOS() ? HostSystem.MacOS : OperatingSystem.IsLinux() ? HostSystem.Linux : HostSystem.Other;
        Assert.Equal(system, Ask("127.0.0.1:0").Portable!.System);
    }

    [Fact]
    public void Inspect_Localhost_IsLookedUp()
    {
        var snapshot = PortableInspector.Inspect(new InspectionRequest { Target = TargetOf("localhost:0"), MayProbe = false }, CancellationToken.None);
        Assert.Contains(Assert.Single(snapshot.Names).Addresses, static address => address.IsLoopback);
    }

    [Fact]
    public void Inspect_UnknownService_IsOneLine()
    {
        var fault = Assert.Throws<InspectionException>(() => Ask("no-such-service"));
        Assert.StartsWith("unknown service 'no-such-service'", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Inspect_Device_IsNotBoundWithoutIt()
    {
        var options = new ProgramOptions { Device = "eth0" };
        var snapshot = PortableInspector.Inspect(new InspectionRequest { Target = TargetOf("127.0.0.1:0"), Options = options }, CancellationToken.None);
        Assert.Empty(snapshot.Portable!.Probes);
        Assert.Contains(Diagnoser.Diagnose(TargetOf("127.0.0.1:0"), options, snapshot).Limits, static limit => limit.Id == "device-not-probed");
    }

    [Fact]
    public void Inspect_Cancelled_Ends() =>
        Assert.Throws<OperationCanceledException>(() => PortableInspector.Inspect(new InspectionRequest { Target = TargetOf("127.0.0.1:0") }, new CancellationToken(canceled: true)));

    [Fact]
    public void Read_Interfaces_HasLoopback()
    {
        var notes = new List<string>();
        Assert.Contains(PortableInterfaces.Read(notes), static link => link.Addresses.Any(static a => a.Address == IpAddress.LoopbackIPv4));
        Assert.Empty(notes);
    }

    private static Diagnosis Ask(string text) =>
        Diagnoser.Diagnose(TargetOf(text), ProgramOptions.None, PortableInspector.Inspect(new InspectionRequest { Target = TargetOf(text) }, CancellationToken.None));

    private static Target TargetOf(string text) => TargetParser.Parse(text).Value!;

    private static ushort PortOf(EndPoint endpoint) => (ushort)((IPEndPoint)endpoint).Port;
}
