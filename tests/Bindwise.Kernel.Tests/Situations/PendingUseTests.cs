using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>A descriptor that is closed while a system call or a request still uses it: the socket lives on, and its process is named.</summary>
[Trait("Lane", "second")]
public sealed class PendingUseTests
{
    private const string Listener = "tcp 0.0.0.0 8080 listen";

    [KernelTheory]
    [InlineData("accept", "system-call")]
    [InlineData("accept4", "system-call")]
    [InlineData("poll", "system-call")]
    [InlineData("ppoll", "system-call")]
    [InlineData("select", "system-call")]
    [InlineData("pselect", "system-call")]
    [InlineData("uring-accept", "io-uring-request")]
    [InlineData("uring-mapped", "io-uring-request")]
    [InlineData("aio-poll", "aio-request")]
    [InlineData("reused-accept", "system-call")]
    public async Task Why_ListenerClosedWhileItIsUsed_NamesItsProcessAndEndingItFreesThePort(string manner, string way)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("close_under_call.py", $"{manner} {Listener}");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "creator", way), (owner.Pid!.Value, owner.Role, Assert.Single(owner.Holds)));
        answer.Has(answer.Limits.All(static limit => limit.Id is not ("owner-not-found" or "holder-inferred")), "nothing left open");
        await EndAsync(host, answer, 0);
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("recv", "recvfrom()")]
    [InlineData("recvmsg", "recvmsg()")]
    [InlineData("recvmmsg", "recvmmsg()")]
    [InlineData("read", "read()")]
    [InlineData("readv", "readv()")]
    [InlineData("splice", "splice()")]
    [InlineData("write", "write()")]
    [InlineData("sendfile", "sendfile()")]
    public async Task Why_ConnectionClosedWhileACallUsesIt_NamesThreadAndCall(string manner, string call)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("close_under_call.py", $"{manner} {Listener}");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "surviving-connection");
        Assert.Contains("hidden-descriptor", answer.Factors);
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "creator", "system-call"), (owner.Pid!.Value, owner.Role, Assert.Single(owner.Holds)));
        Assert.Contains($"held by {call} in its thread {program.Number("thread")} (its descriptor is closed)", (await host.ReportAsync("8080")).Flat, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_CloseThatLingers_IsTheHolder()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("close_under_call.py", $"linger {Listener}");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.Equal((program.Pid, "system-call"), (Assert.Single(answer.Owners).Pid!.Value, answer.Owners.Single().Holds.Single()));
    }

    [KernelFact]
    public async Task Why_UdpSocketClosedWhileACallReceives_NamesItsProcessAndEndingItFreesThePort()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("close_under_call.py", "recv udp 0.0.0.0 5353");
        var answer = await host.WhyAsync("5353/udp");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        Assert.Equal((program.Pid, "creator"), (Assert.Single(answer.Owners).Pid!.Value, answer.Owners.Single().Role));
        await EndAsync(host, answer, 0);
        (await host.WhyAsync("5353/udp")).Is("free", null, "free");
    }

    /// <summary>Nothing in the socket names them: the ring's own table of files, and a splice() that waits for the pipe.</summary>
    [KernelTheory]
    [InlineData("uring-registered", "io-uring")]
    [InlineData("full-pipe", "system-call")]
    public async Task Why_HolderThatTheSocketDoesNotName_IsInferred(string manner, string way)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("close_under_call.py", $"{manner} {Listener}");
        var answer = await host.WhyAsync("8080");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "candidate", way), (owner.Pid!.Value, owner.Role, Assert.Single(owner.Holds)));
        answer.Has(answer.Summary.Contains(": probably ", StringComparison.Ordinal), "no more than it knows");
        answer.Has(answer.Limits.Count(static limit => limit.Id is "holder-inferred" or "owner-not-found") == 1, "one limit, which says so");
    }

    [KernelTheory]
    [InlineData("accept", "system-call")]
    [InlineData("accept4", "system-call")]
    [InlineData("poll", "system-call")]
    [InlineData("select", "system-call")]
    [InlineData("reused-accept", "system-call")]
    [InlineData("uring-accept", "io-uring-request")]
    [InlineData("uring-mapped", "io-uring")]
    [InlineData("uring-registered", "io-uring")]
    [InlineData("aio-poll", "aio-request")]
    public async Task Why_OwnProcessWithoutRoot_IsInferredAndEndingItFreesThePort(string manner, string way)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsAsync(TestHost.Nobody, "close_under_call.py", $"{manner} {Listener}");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        var owner = Assert.Single(answer.Owners);
        Assert.Equal((program.Pid, "candidate", way), (owner.Pid!.Value, owner.Role, Assert.Single(owner.Holds)));
        answer.Has(answer.Limits.Any(static limit => limit.Id == "holder-inferred" && limit.Text.Contains("sudo", StringComparison.Ordinal)), "who could tell");
        await EndAsync(host, answer, TestHost.Nobody);
        // The kernel takes an io_uring down after its process has ended.
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsAsync(TestHost.Nobody, "8080")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_TwoThatFitWithoutRoot_AreCandidatesAndOneAfterTheOtherFreesThePort()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsAsync(TestHost.Nobody, "close_under_call.py", $"accept {Listener}");
        var other = await host.StartScriptAsAsync(TestHost.Nobody, "close_under_call.py", "accept tcp 0.0.0.0 8081 listen");
        var answer = await host.WhyAsAsync(TestHost.Nobody, "8080");
        answer.Is("blocked", "EADDRINUSE", "hidden-descriptor");
        Assert.Equal(new[] { holder.Pid, other.Pid }.Order(), answer.Owners.Select(static owner => owner.Pid!.Value).Order());
        Assert.All(answer.Owners, static owner => Assert.Equal("candidate", owner.Role));
        Assert.Equal("sudo bindwise why 8080", answer.Remedies[0].Command);
        var ends = answer.Remedies.Where(static remedy => remedy.Id == "end-process").Select(static remedy => remedy.Command!).ToList();
        Assert.Equal(2, ends.Count);
        foreach (var end in ends)
            await host.RunAsAsync(TestHost.Nobody, null, "/bin/sh", "-c", end);
        await host.UntilStateAsync(holder.Pid, '-');
        (await host.WhyAsAsync(TestHost.Nobody, "8080")).Is("free", null, "free");
        // Root asks the socket itself.
        var again = await host.StartScriptAsAsync(TestHost.Nobody, "close_under_call.py", $"accept {Listener}");
        await host.StartScriptAsAsync(TestHost.Nobody, "close_under_call.py", "accept tcp 0.0.0.0 8081 listen");
        Assert.Equal((again.Pid, "creator"), (Assert.Single((await host.WhyAsync("8080")).Owners).Pid!.Value, "creator"));
    }

    [KernelFact]
    public async Task Why_CallOfAnotherNetworkNamespace_IsNoCandidate()
    {
        await using var host = await TestHost.OpenAsync();
        await using var elsewhere = await TestHost.OpenAsync();
        await elsewhere.StartScriptAsync("close_under_call.py", $"accept {Listener}");
        var program = await host.StartScriptAsync("close_under_call.py", $"uring-registered {Listener}");
        Assert.Equal(program.Pid, Assert.Single((await host.WhyAsync("8080")).Owners).Pid);
    }

    [KernelFact]
    public async Task Why_OneConnectionThatEndsTheCall_FreesThePort()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("close_under_call.py", $"accept {Listener}");
        (await host.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "hidden-descriptor");
        await host.RunAsync("/usr/bin/python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 8080))");
        await Patience.UntilAsync(() => !host.Sockets.StatesOn(8080).Contains("LISTEN"), "the end of the call");
        var answer = await host.WhyAsync("8080");
        answer.Has(answer.Blockers.All(static blocker => blocker.State != "LISTEN"), "the listener closed with the call");
    }

    private static async Task EndAsync(TestHost host, Answer answer, int user)
    {
        var pid = Assert.Single(answer.Owners).Pid!.Value;
        var command = answer.Remedies[0].Command!;
        Assert.Equal($"kill {pid}", command);
        var outcome = await host.RunAsAsync(user, null, "/bin/sh", "-c", command);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        await host.UntilStateAsync(pid, '-');
    }
}
