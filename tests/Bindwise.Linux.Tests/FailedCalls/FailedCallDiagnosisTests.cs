using System.Diagnostics;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Model.Events;
using Bindwise.Model.Targets;

namespace Bindwise.Linux.Tests.FailedCalls;

/// <summary>What can be told of a failed call whose process has ended.</summary>
public sealed class FailedCallDiagnosisTests
{
    /// <summary>With its process the namespace would have ended: it was kept until the reason was found, and no longer.</summary>
    [KernelFact]
    public void Explain_AfterTheLastProcessOfANamespace_TellsTheCauseWhileItIsKept()
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "ip link set lo up; echo ready; read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        var network = NamespaceId.Of(System.Text.Encoding.ASCII.GetBytes($"/proc/{process.Id}/ns/net\0"))!.Value.Inode;
        var call = CallOf(process.Id) with { Network = network };
        var diagnosis = new FailedCallDiagnosis();
        PortEvent told;
        using (var scene = Assert.Single(diagnosis.Examine([(call, true)], CancellationToken.None)))
        {
            Assert.Equal(process.Id, scene.Process?.Id);
            process.StandardInput.Close();
            process.WaitForExit();
            told = diagnosis.Explain(call, diagnosis.Describe(call, scene.Process), scene, CancellationToken.None);
        }
        Assert.True(told.Cause == "address-not-local", string.Join('\n', told.Limits));
        Assert.Contains("read line", told.Command, StringComparison.Ordinal);
        // A command could not ask there any more.
        Assert.DoesNotContain(told.Diagnosis!.Remedies, static remedy => remedy.Command?.Contains("bindwise why", StringComparison.Ordinal) == true);

        using var gone = Assert.Single(diagnosis.Examine([(call, true)], CancellationToken.None));
        Assert.Equal((null, null), (gone.Process, gone.Network));
        told = diagnosis.Explain(call, diagnosis.Describe(call, null), gone, CancellationToken.None);
        Assert.Null(told.Cause);
        Assert.Contains(told.Limits, static limit => limit.StartsWith("its network namespace was already gone", StringComparison.Ordinal));
    }

    /// <summary>By the id that the call had: in which unit or container a process was that has ended.</summary>
    [KernelFact]
    public void Describe_OfAProcessThatIsGone_TellsItsCgroupWhileThatIsThere()
    {
        var mount = new CgroupMounts("/proc").Unified;
        Assert.NotNull(mount);
        var name = $"/bindwise-test-{Environment.ProcessId}";
        var folder = Directory.CreateDirectory(System.Text.Encoding.UTF8.GetString(mount.Point) + name);
        var diagnosis = new FailedCallDiagnosis();
        FailedCall call;
        try
        {
            var id = new CgroupIds(new CgroupMounts("/proc")).Find((mount.Root == "/" ? "" : mount.Root) + name);
            Assert.NotEqual(0UL, id);
            call = CallOf(0) with { Cgroup = id };
            var told = diagnosis.Describe(call, null);
            Assert.Equal((mount.Root == "/" ? "" : mount.Root) + name, told.Cgroup);
            Assert.EndsWith("its command line is not known", Assert.Single(told.Limits), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete();
        }
        foreach (var other in (FailedCall[])[call, call with { Cgroup = 0 }, call with { Cgroup = 1 }, call with { Cgroup = ulong.MaxValue }])
        {
            var told = diagnosis.Describe(other, null);
            Assert.Null(told.Cgroup);
            Assert.EndsWith("its command line and cgroup are not known", Assert.Single(told.Limits), StringComparison.Ordinal);
        }
    }

    /// <summary>The command that asks again names the user: the process has mostly ended by then.</summary>
    [KernelFact]
    public void Explain_OfAProcessHere_TellsACommandThatOutlivesIt()
    {
        using var held = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        held.Start();
        var local = (System.Net.IPEndPoint)held.LocalEndpoint;
        using (var client = new System.Net.Sockets.TcpClient())
        {
            client.Connect(local);
            using var accepted = held.AcceptSocket();
            accepted.Close();
            Assert.Equal(0, client.GetStream().Read(new byte[1]));
        }
        held.Stop();
        var call = CallOf(Environment.ProcessId) with
        {
            Network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)!.Value.Inode,
            Error = "EADDRINUSE",
            Endpoint = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)local.Port),
            Options = new ProgramOptions(ReuseAddress: false, ReusePort: false),
        };
        var diagnosis = new FailedCallDiagnosis();
        using var scene = Assert.Single(diagnosis.Examine([(call, false)], CancellationToken.None));
        // This user needs no option.
        foreach (var (user, option) in new[] { (0u, ""), (65534u, " --user 65534") })
        {
            var asked = call with { User = user };
            var told = diagnosis.Explain(asked, diagnosis.Describe(asked, scene.Process), scene, CancellationToken.None);
            Assert.True(told.Cause == "time-wait", string.Join('\n', told.Limits));
            Assert.Contains($"bindwise why {call.Address} --plain --follow{option}", told.Diagnosis!.Remedies.Select(static remedy => remedy.Command));
        }
    }

    /// <summary>What is in the way at that address now has nothing to do with an errno that the program's own arguments give.</summary>
    [KernelTheory]
    [InlineData("EAFNOSUPPORT", "the address is of another family than the socket", null)]
    [InlineData("EINVAL", null, "the reason is not known: nothing that Bindwise found gives EINVAL")]
    [InlineData("EADDRNOTAVAIL", null, "by the time Bindwise looked, the call would have failed for another reason: EADDRINUSE")]
    public void Explain_OfWhatCannotPass_TellsNoReasonOfLater(string error, string? summary, string? limit)
    {
        using var held = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        held.Start();
        foreach (var port in (int[])[((System.Net.IPEndPoint)held.LocalEndpoint).Port, 0])
        {
            var call = CallOf(Environment.ProcessId) with
            {
                Network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)!.Value.Inode,
                Error = error,
                Endpoint = new IpEndpoint(IpAddress.LoopbackIPv4, (ushort)port),
            };
            var diagnosis = new FailedCallDiagnosis();
            using var scene = Assert.Single(diagnosis.Examine([(call, false)], CancellationToken.None));
            var told = diagnosis.Explain(call, diagnosis.Describe(call, scene.Process), scene, CancellationToken.None);
            Assert.Equal((null, summary), (told.Cause, told.Summary));
            // The first is about the process, whose name is another.
            if (limit is null)
                Assert.Single(told.Limits);
            else if (port != 0 || error == "EINVAL")
                Assert.StartsWith(limit, told.Limits[1], StringComparison.Ordinal);
        }
    }

    private const string Nothing = "nothing was in the way any more";

    /// <summary>What had the port then may have ended since, as with a program that binds it twice, and exits.</summary>
    [KernelTheory]
    [InlineData("127.0.0.1", TcpSocketState.Listen, "node (pid 12), which listened on 127.0.0.1:1 before, had released it")]
    [InlineData("0.0.0.0", TcpSocketState.Bound, "node (pid 12), which had 0.0.0.0:1 before, had released it")]
    [InlineData("127.0.0.2", TcpSocketState.Listen, Nothing)]
    internal void Explain_OfWhatIsFreeAgain_TellsWhoHadItAtTheLookBefore(string address, TcpSocketState state, string limit)
    {
        var network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)!.Value.Inode;
        var call = CallOf(Environment.ProcessId) with
        {
            Network = network,
            Error = "EADDRINUSE",
            Endpoint = new IpEndpoint(IpAddress.LoopbackIPv4, 1),
        };
        Assert.True(IpAddress.TryParse(address, out var held));
        var socket = new HeldSocket { Protocol = Protocol.Tcp, Family = IpFamily.IPv4, State = state, Local = new IpEndpoint(held, 1), Inode = 7 };
        var census = new HostCensus { TakenAt = call.Time, NetworkNamespace = network, Sockets = [new CensusSocket(socket, new CensusHolder(12, "node", 0))] };
        var diagnosis = new FailedCallDiagnosis();
        using var scene = Assert.Single(diagnosis.Examine([(call, false)], CancellationToken.None));
        foreach (var (before, expected) in new[] { (census, limit), (census with { NetworkNamespace = network + 1 }, Nothing), (null, Nothing) })
        {
            var told = diagnosis.Explain(call, diagnosis.Describe(call, scene.Process), scene, CancellationToken.None, before);
            Assert.Equal((null, "by the time Bindwise looked, " + expected), (told.Cause, told.Limits[^1]));
        }
    }

    private static FailedCall CallOf(int process) => new()
    {
        Time = DateTimeOffset.UtcNow,
        Process = process,
        User = 0,
        Network = 1,
        Program = "sh",
        Call = PortEventCall.Bind,
        Error = "EADDRNOTAVAIL",
        Protocol = Protocol.Tcp,
        Endpoint = new IpEndpoint(IpAddress.FromBytes([192, 0, 2, 7]), 8080),
        Options = ProgramOptions.None,
    };
}
