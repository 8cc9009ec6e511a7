using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Servers from the distribution, started twice, and their own error texts pasted.</summary>
[Trait("Lane", "second")]
public sealed class ServerTests
{
    [KernelFact("nginx")]
    public async Task Why_NginxStartedTwice_RecognisesItFromItsOwnError()
    {
        await using var host = await TestHost.OpenAsync();
        var configuration = Path.Combine(host.Folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off; user nobody nogroup; worker_processes 2; pid {{host.Folder}}/nginx.pid; events {}
            http { access_log off; client_body_temp_path {{host.Folder}}/body; proxy_temp_path {{host.Folder}}/proxy;
              fastcgi_temp_path {{host.Folder}}/fastcgi; uwsgi_temp_path {{host.Folder}}/uwsgi; scgi_temp_path {{host.Folder}}/scgi;
              server { listen 8080; } }
            """);
        host.Start(0, "nginx", "-e", "stderr", "-c", configuration);
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        // They have their names, and the master its own, only after it listens.
        await Patience.UntilAsync(() => host.Processes.Commands().Values.Count(static one => one.StartsWith("nginx: worker", StringComparison.Ordinal)) == 2, "the workers");
        var second = await host.RunAsync("nginx", "-e", "stderr", "-c", configuration);
        Assert.Contains("bind() to 0.0.0.0:8080 failed", second.Error, StringComparison.Ordinal);

        var answer = await host.WhyPastedAsync(second.Error);
        answer.Is("blocked", "EADDRINUSE", "same-program-twice");
        Assert.Contains("listener", answer.Factors);
        Assert.Equal(("0.0.0.0", 8080), (answer.Target.Address, answer.Target.Port));
        var creator = Assert.Single(answer.Owners, static owner => owner.Role == "creator");
        answer.Has(creator.Command!.StartsWith("nginx: master process", StringComparison.Ordinal), "the master is the creator");
        answer.Has(answer.Owners.Where(owner => owner != creator).All(static owner => owner.Role == "inherited"), "the workers inherited it");
        (await host.WhyAsync("8080")).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact("nginx")]
    public async Task Why_NginxWithSeveralPorts_AnswersEachPortOfItsErrorOnce()
    {
        await using var host = await TestHost.OpenAsync();
        var configuration = Path.Combine(host.Folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off; user nobody nogroup; pid {{host.Folder}}/nginx.pid; events {}
            http { access_log off; client_body_temp_path {{host.Folder}}/body; proxy_temp_path {{host.Folder}}/proxy;
              fastcgi_temp_path {{host.Folder}}/fastcgi; uwsgi_temp_path {{host.Folder}}/uwsgi; scgi_temp_path {{host.Folder}}/scgi;
              server { listen 80; listen [::]:80; listen 443; listen [::]:443; } }
            """);
        await host.StartScriptAsync("hold.py", "tcp :: 80 listen");
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 443 listen");
        var failed = await host.RunAsync("nginx", "-e", "stderr", "-c", configuration);
        foreach (var address in (string[])["0.0.0.0:80", "[::]:80", "0.0.0.0:443"])
            Assert.Equal(5, failed.Error.Split($"bind() to {address} failed").Length - 1);

        var answers = Asking.Answers(await host.RunAsAsync(0, failed.Error, Programs.Bindwise, "why", "-", "--json"));
        Assert.Equal([(null, 80), ("0.0.0.0", 443)], answers.Select(static answer => (answer.Target.Address, answer.Target.Port)));
        Assert.All(answers, static answer => answer.Is("blocked", "EADDRINUSE", answer.Target.Port == 80 ? "dual-stack-listener" : "listener"));
    }

    [KernelFact("redis-server")]
    public async Task Why_RedisStartedTwice_RecognisesItFromItsOwnError()
    {
        await using var host = await TestHost.OpenAsync();
        string[] command = ["redis-server", "--port", "6379", "--save", "", "--dir", host.Folder];
        host.Start(0, command);
        await host.Sockets.UntilSomeAsync(6379, "LISTEN");
        var second = await host.RunAsync(command);
        Assert.Contains("bind: Address already in use", second.Output, StringComparison.Ordinal);

        var answer = await host.WhyPastedAsync(second.Output);
        answer.Is("blocked", "EADDRINUSE", "same-program-twice");
        Assert.Equal(6379, answer.Target.Port);
        answer.Has(answer.Owners.All(static owner => owner.Executable!.Contains("redis", StringComparison.Ordinal)), "redis owns it");
    }

    [KernelFact("node")]
    public async Task Why_NodeScriptStartedTwice_RecognisesTheScriptAndSaysNodesDefaultsAloud()
    {
        await using var host = await TestHost.OpenAsync();
        var script = Path.Combine(host.Folder, "app.js");
        await File.WriteAllTextAsync(script, "require('http').createServer().listen(3000)\n");
        host.Start(0, "node", script);
        await host.Sockets.UntilSomeAsync(3000, "LISTEN");
        var second = await host.RunAsync("node", script);
        Assert.Contains("listen EADDRINUSE: address already in use :::3000", second.Error, StringComparison.Ordinal);

        var answer = await host.WhyPastedAsync(second.Error);
        answer.Is("blocked", "EADDRINUSE", "same-program-twice");
        Assert.Equal(3000, answer.Target.Port);
        answer.Has(answer.Attempts.Where(static attempt => attempt.Asked).All(static attempt => attempt.Options.Contains("SO_REUSEADDR")), "Node sets SO_REUSEADDR");
        var told = await host.RunAsAsync(0, second.Error, Programs.Bindwise, "why", "-", "--verbose");
        Assert.True(told.Output.Contains("Node", StringComparison.Ordinal) && told.Output.Contains("SO_REUSEADDR", StringComparison.Ordinal), told.ToString());
    }

    [KernelFact("node")]
    public async Task Run_NodeScriptThatRunsAlready_RecognisesItByItsCommand()
    {
        await using var host = await TestHost.OpenAsync();
        var (script, other) = (Path.Combine(host.Folder, "app.js"), Path.Combine(host.Folder, "other.js"));
        foreach (var path in (string[])[script, other])
            await File.WriteAllTextAsync(path, "require('http').createServer().listen(3000)\n");
        host.Start(0, "node", script);
        await host.Sockets.UntilSomeAsync(3000, "LISTEN");

        var second = await host.RunAsync(Programs.Bindwise, "run", "--", "node", script);
        Assert.Contains("The program that failed is already running, and holds the port.", second.Error, StringComparison.Ordinal);
        Assert.Contains("bindwise explain same-program-twice", second.Error, StringComparison.Ordinal);
        var another = await host.RunAsync(Programs.Bindwise, "run", "--", "node", other);
        Assert.Contains("bindwise explain listener", another.Error, StringComparison.Ordinal);
    }

    [KernelFact("node")]
    public async Task Why_NodeErrorWhileAnotherProgramListens_IsTheListener()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp :: 3000 listen");
        var second = await host.RunAsync("node", "-e", "require('http').createServer().listen(3000)");
        (await host.WhyPastedAsync(second.Error)).Is("blocked", "EADDRINUSE", "listener");
    }

    [KernelFact]
    public async Task Why_PastedErrorWhosePortIsFreeByNow_SaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        (await host.WhyPastedAsync("listen tcp :8080: bind: address already in use\n")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_PythonsErrorWithoutAddress_IsAUsageError()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsAsync(0, "OSError: [Errno 98] Address already in use\n", Programs.Bindwise, "why", "-");
        Assert.True(outcome is { ExitCode: 2, OutputBytes.Length: 0 } && outcome.Error.Trim().Split('\n').Length == 1, outcome.ToString());
    }
}
