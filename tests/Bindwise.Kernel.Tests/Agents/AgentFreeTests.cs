using Bindwise.Kernel.Tests.Freeing;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Agents;

/// <summary>An agent frees a port in two calls: it gets exactly what it was shown, or nothing.</summary>
[Trait("Lane", "second")]
public sealed class AgentFreeTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";
    private const string Allowed = "--allow-actions";

    [KernelFact]
    public async Task Free_ShownAndConfirmed_EndsTheServerOnce()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        await using var client = await Agent.ConnectAsync(host, Agent.UsualVersion, Allowed);
        var shown = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60 });
        Assert.Contains($"would send SIGTERM to hold.py (python3, pid {server.Pid})", shown.Text(), StringComparison.Ordinal);
        Assert.Equal(("would-free", "not-confirmed"), (shown.Line().GetProperty("outcome").GetString(), shown.Line().GetProperty("reason").GetString()));
        var word = shown.StructuredContent!.Value.GetProperty("confirm").GetString()!;
        Assert.Contains($"confirm: \"{word}\"", shown.Text(), StringComparison.Ordinal);
        Assert.True(host.Lives(server.Pid));

        var other = await client.CallAsync("free", new { target = "127.0.0.1:8081", confirm = word });
        Assert.True(other.IsError);
        Assert.StartsWith("confirm belongs to a call with other arguments", other.Text(), StringComparison.Ordinal);
        Assert.True(host.Lives(server.Pid));

        var done = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60, confirm = word });
        Assert.Equal("freed", done.Line().GetProperty("outcome").GetString());
        Assert.EndsWith("127.0.0.1:8080/tcp is free.", done.Text(), StringComparison.Ordinal);
        Assert.False(host.Lives(server.Pid));
        Assert.True((await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60, confirm = word })).IsError);
        var free = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60 });
        Assert.Equal("already-free", free.Line().GetProperty("outcome").GetString());
        Assert.False(free.StructuredContent!.Value.TryGetProperty("confirm", out _));
    }

    [KernelFact]
    public async Task Free_AnotherServerSinceItWasShown_EndsNobody()
    {
        await using var host = await TestHost.OpenAsync();
        var first = await host.StartScriptAsync("hold.py", Listens);
        await using var client = await Agent.ConnectAsync(host, Agent.UsualVersion, Allowed);
        var word = (await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60 })).StructuredContent!.Value.GetProperty("confirm").GetString();
        await host.SignalAsync(first.Pid, "KILL");
        await host.Sockets.UntilAsync(8080);
        var second = await host.StartScriptAsync("hold.py", Listens);

        var result = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60, confirm = word });

        Assert.Equal(("refused", "holder-changed"), (result.Line().GetProperty("outcome").GetString(), result.Line().GetProperty("reason").GetString()));
        Assert.True(host.Lives(second.Pid));
    }

    [KernelFact]
    public async Task Free_ServerThatEndedSinceItWasShown_SaysThatNothingWasToBeDone()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        await using var client = await Agent.ConnectAsync(host, Agent.UsualVersion, Allowed);
        var word = (await client.CallAsync("free", new { target = "127.0.0.1:8080" })).StructuredContent!.Value.GetProperty("confirm").GetString();
        await host.SignalAsync(server.Pid, "KILL");
        await host.Sockets.UntilAsync(8080);

        var result = await client.CallAsync("free", new { target = "127.0.0.1:8080", confirm = word });

        Assert.Equal(("already-free", "not-needed"), (result.Line().GetProperty("outcome").GetString(), result.Line().GetProperty("actions")[0].GetProperty("result").GetString()));
        Assert.Equal("127.0.0.1:8080/tcp is free.", result.Text());
    }

    [KernelFact]
    public async Task Free_AnotherUsersServer_IsRefusedEvenToRoot()
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", Listens);
        await using var client = await Agent.ConnectAsync(host, Agent.UsualVersion, Allowed);
        var result = await client.CallAsync("free", new { target = "127.0.0.1:8080", force = true });
        Assert.Equal(("refused", "other-user"), (result.Line().GetProperty("outcome").GetString(), result.Line().GetProperty("reason").GetString()));
        Assert.False(result.StructuredContent!.Value.TryGetProperty("confirm", out _));
        Assert.EndsWith("There is no --yes: another user's process is not ended from here; tell the user.)", result.Text(), StringComparison.Ordinal);
        Assert.True(host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Free_AProgramThatOnlyInheritedTheSocket_TakesAConsentOfItsOwn()
    {
        await using var host = await TestHost.OpenAsync();
        var heir = await host.StartScriptAsync("leave_heir.py", Listens);
        await host.UntilStateAsync(heir.Pid, '-');
        await using var client = await Agent.ConnectAsync(host, Agent.UsualVersion, Allowed);
        var shown = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60 });
        Assert.Contains("also_inherited: true", shown.Text(), StringComparison.Ordinal);
        var word = shown.StructuredContent!.Value.GetProperty("confirm").GetString();
        var refused = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60, confirm = word });
        Assert.True(refused.IsError);
        Assert.True(host.Lives(heir.Number("heir")));
        var done = await client.CallAsync("free", new { target = "127.0.0.1:8080", grace_seconds = 60, confirm = word, also_inherited = true });
        Assert.Equal("freed", done.Line().GetProperty("outcome").GetString());
    }

    [KernelFact]
    public async Task Free_WhatTheAgentItselfHolds_IsRefused()
    {
        await using var host = await TestHost.OpenAsync();
        const string Call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"free","arguments":{"target":"127.0.0.1:8080"}}}""";
        var run = await host.RunAsync("python3", "-B", "-S", Programs.Script("listen_and_run.py"), "8080", Call, Programs.Bindwise, "mcp", Allowed);
        Assert.True(run.ExitCode == 0 && run.Output.Contains("\"reason\":\"ancestor\"", StringComparison.Ordinal) && !run.Output.Contains("confirm\":\"", StringComparison.Ordinal), run.ToString());
    }
}
