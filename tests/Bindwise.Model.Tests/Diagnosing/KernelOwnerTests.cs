using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>When the kernel is said to hold a socket: on evidence, never because nobody else was seen.</summary>
public sealed class KernelOwnerTests
{
    private static readonly KernelService Nfs = new(KernelServiceKind.NfsServer, Protocol.Tcp, Port: SocketLine.Port, Source: "/proc/fs/nfsd/portlist");

    private static HeldSocket Listener => SocketLine.Held("tcp 0.0.0.0 LISTEN") with { Inode = 7, Cookie = 70 };

    [Fact]
    public void ServiceOnThePort_IsTheOwner()
    {
        var answer = Ask(Surveyed(Listener, new KernelSurvey { Services = [Nfs] }));

        Assert.Equal("kernel-socket", answer.Cause.Id());
        Assert.Equal(Cause.Listener, Assert.Single(answer.Factors));
        Assert.Equal("8080/tcp is taken (EADDRINUSE): the kernel's NFS server listens on 0.0.0.0:8080.", answer.Summary);
        Assert.Equal("stop-nfs", answer.Remedies[0].Id);
        Assert.DoesNotContain(answer.Remedies, static r => r.Command?.StartsWith("kill", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(answer.Limits, static l => l.Id is "owner-not-found" or "kernel-service-not-found");
    }

    [Fact]
    public void ServiceOnThePortOfASocketThatAProcessHolds_IsNot()
    {
        var host = Surveyed(Listener, new KernelSurvey { Services = [Nfs] }).HeldBy(Process(5, "ganesha"));
        var answer = Ask(host);
        Assert.Equal("listener", answer.Cause.Id());
        Assert.Null(answer.Blockers[0].Kernel);
    }

    [Theory]
    [InlineData("udp", null, 8080, false)]
    [InlineData("tcp", null, 8081, false)]
    [InlineData("tcp", "192.0.2.1", 8080, false)]
    [InlineData("tcp", "0.0.0.0", 8080, true)]
    [InlineData("tcp", "::", 8080, true)]
    public void ServiceElsewhere_IsNotBlamed(string protocol, string? address, int port, bool isBlamed)
    {
        var service = Nfs with { Protocol = protocol == "udp" ? Protocol.Udp : Protocol.Tcp, Address = address is null ? null : Address(address), Port = (ushort)port };
        var answer = Ask(Surveyed(Listener, new KernelSurvey { Services = [service] }));
        Assert.Equal(isBlamed, answer.Cause == Cause.KernelSocket);
    }

    [Fact]
    public void NothingConfigured_SaysWhatRemains()
    {
        var answer = Ask(Surveyed(Listener, new KernelSurvey { IsFirstNamespace = false }));
        Assert.NotEqual("kernel-socket", answer.Cause.Id());
        var limit = Assert.Single(answer.Limits, static l => l.Id == "kernel-service-not-found");
        Assert.Contains("another network namespace", limit.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SocketThatTheKernelDidNotOpen_IsNotTheKernelsWhateverIsConfigured()
    {
        var survey = new KernelSurvey
        {
            Services = [Nfs],
            SocketsWalked = true,
            Sockets = [new KernelSocketRecord(70,
            OpenedByKernel: Fact.No)]
        };
        var answer = Ask(Surveyed(Listener, survey));
        Assert.NotEqual("kernel-socket", answer.Cause.Id());
        Assert.Contains(answer.Limits, static l => l.Id == "owner-not-found" && l.Text.Contains("The kernel did not open this socket for itself", StringComparison.Ordinal));
        Assert.DoesNotContain(answer.Limits, static l => l.Text.Contains("the kernel itself may hold it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nvmet_tcp_listen_data_ready", "the kernel's NVMe target")]
    [InlineData("svc_tcp_listen_data_ready", "the kernel's RPC server (NFS, its lock manager or its callback service)")]
    [InlineData("something_new_data_ready", "the kernel itself")]
    [InlineData(null, "the kernel itself")]
    public void SocketThatTheKernelOpened_IsCalledByItsHandler(string? handler, string label)
    {
        var survey = new KernelSurvey
        {
            SocketsWalked = true,
            Sockets = [new KernelSocketRecord(70, OpenedByKernel: Fact.Yes,
            Handler: handler)]
        };
        var answer = Ask(Surveyed(Listener, survey));
        Assert.Equal("kernel-socket", answer.Cause.Id());
        Assert.Equal(label, answer.Blockers[0].Kernel!.Label);
    }

    [Fact]
    public void HandlerOfOneService_BeatsTheConfigurationOfAnother()
    {
        var survey = new KernelSurvey
        {
            Services = [Nfs],
            SocketsWalked = true,
            Sockets = [new KernelSocketRecord(70,
            OpenedByKernel: Fact.Yes, Handler: "lowcomms_listen_data_ready")]
        };
        Assert.Equal(KernelServiceKind.Dlm, Ask(Surveyed(Listener, survey)).Blockers[0].Kernel!.Kind);
    }

    [Fact]
    public void MountOfAFileSystem_IsTheOwnerOfItsSourcePort()
    {
        var connection = SocketLine.Held("tcp 192.0.2.1 ESTABLISHED") with { Inode = 7, Cookie = 70, Remote = new IpEndpoint(Address("192.0.2.9"), 2049), OpenedHere = Fact.Yes };
        var mount = new KernelService(KernelServiceKind.NfsMount, Protocol.Tcp, Name: "/data",
            Remote: new IpEndpoint(Address("192.0.2.9"), 2049));
        var answer = Ask(Surveyed(connection, new KernelSurvey { Services = [mount] }));
        Assert.Equal("kernel-socket", answer.Cause.Id());
        Assert.Contains(Cause.OutgoingConnection, answer.Factors);
        Assert.Equal("8080/tcp is taken (EADDRINUSE): the NFS mount on /data uses it as the source port of a connection to 192.0.2.9:2049.", answer.Summary);
        Assert.Contains(answer.Remedies, static r => r.Command == "umount /data");
    }

    [Fact]
    public void EveryKind_HasALabelAndARemedy()
    {
        foreach (var kind in Enum.GetValues<KernelServiceKind>())
        {
            var answer = Ask(Surveyed(Listener, new KernelSurvey { Services = [Nfs with { Kind = kind, Name = "x" }] }));
            Assert.NotEmpty(answer.Blockers[0].Kernel!.Label);
            Assert.NotEqual("other-port", answer.Remedies[0].Id);
        }
    }

    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    private static Snapshot Surveyed(HeldSocket socket, KernelSurvey survey) => Of(socket) with { KernelSurvey = survey };
}
