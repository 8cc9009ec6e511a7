using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Where the owner was started: a real service manager, a real container engine, a real terminal multiplexer and package script.</summary>
public sealed class OriginTests
{
    private const string Units = """
        mount -t tmpfs none /etc/systemd/system
        cd /etc/systemd/system
        printf "[Unit]\nDefaultDependencies=no\nRequires=shop.socket echo@8099.socket\n" > default.target
        printf "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=9999\nService=shop-web.service\n" > shop.socket
        mkdir shop.socket.d
        printf "[Socket]\nListenStream=\nListenStream=8080\nListenDatagram=127.0.0.1:8090\n" > shop.socket.d/port.conf
        printf "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 1000\n" > shop-web.service
        printf "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=127.0.0.1:%%i\nAccept=yes\n" > echo@.socket
        printf "[Service]\nExecStart=/bin/cat\n" > echo@.service
        export container=other
        exec /lib/systemd/systemd --system --log-target=null --show-status=no
        """;

    [KernelFact("systemctl", "pgrep")]
    public async Task Why_SocketUnitOfARealServiceManager_IsNamedWithItsService()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await Sandbox.StartAsync(host, ownProcesses: true, Units);
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        await host.Sockets.UntilSomeAsync(8099, "LISTEN");
        await host.Sockets.UntilDatagramsAsync(8090);
        var manager = await sandbox.PidOfAsync("systemd");

        var answers = Asking.Answers(await sandbox.RunAsync(manager, Programs.Bindwise, "why", "8080", "8090/udp", "8099", "--json"));
        Assert.Equal(3, answers.Count);
        Assert.All(answers, answer => answer.Is("blocked", "EADDRINUSE", "socket-activation"));
        var shop = new AnswerSocketUnit("shop.socket", "shop-web.service");
        var owner = Assert.Single(answers[0].Owners);
        Assert.Equal((1, shop), (owner.Pid, owner.StartedFrom.SocketUnit));
        answers[0].Has(answers[0].Summary.EndsWith("on behalf of shop-web.service (shop.socket).", StringComparison.Ordinal), "the service in the first line");
        Assert.Equal("systemctl stop shop.socket shop-web.service", answers[0].Remedies[0].Command);
        Assert.Equal(shop, Assert.Single(answers[1].Owners).StartedFrom.SocketUnit);
        Assert.Equal(new AnswerSocketUnit("echo@8099.socket", "echo@8099@.service"), Assert.Single(answers[2].Owners).StartedFrom.SocketUnit);
    }

    [KernelFact("systemctl", "pgrep")]
    public async Task Why_ServiceOfASocketUnitRunsToo_TheRemedyFreesThePort()
    {
        await using var host = await TestHost.OpenAsync();
        await using var sandbox = await Sandbox.StartAsync(host, ownProcesses: true, Units);
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        await host.Sockets.UntilDatagramsAsync(8090);
        var manager = await sandbox.PidOfAsync("systemd");
        Outcome started;
        do
            started = await sandbox.RunAsync(manager, "systemctl", "start", "shop-web.service");
        while (started.ExitCode != 0 && started.Error.Contains("Failed to connect to bus", StringComparison.Ordinal));
        Assert.True(started.ExitCode == 0, started.ToString());

        var answer = Assert.Single(Asking.Answers(await sandbox.RunAsync(manager, Programs.Bindwise, "why", "8080", "--json")));
        answer.Is("blocked", "EADDRINUSE", "socket-activation");
        Assert.Equal(["creator", "inherited"], answer.Owners.Select(static owner => owner.Role));
        Assert.Equal("shop-web.service", answer.Owners.Last().StartedFrom.Unit);
        var stopped = await sandbox.RunAsync(manager, ["/bin/sh", "-c", answer.Remedies[0].Command!]);
        Assert.True(stopped.ExitCode == 0, stopped.ToString());
        await host.Sockets.UntilAsync(8080);
        (await host.WhyAsync("8080")).Is("free", null, "free");
    }

    [KernelFact("tmux", "npm", "node")]
    public async Task Why_PackageScriptInTmux_IsNamedAndItsRemedyEndsIt()
    {
        await using var host = await TestHost.OpenAsync();
        var shop = Path.Combine(host.Folder, "shop");
        Directory.CreateDirectory(Path.Combine(shop, "src"));
        await File.WriteAllTextAsync(Path.Combine(shop, "package.json"), """{"name":"shop","scripts":{"dev":"cd src && node server.js --db-password hunter2 --port 8080"}}""");
        await File.WriteAllTextAsync(Path.Combine(shop, "src", "server.js"), "require('http').createServer((q, r) => r.end('x')).listen(8080)");
        await host.SetUpAsync("mkdir -p /root/.npm");
        var begun = await host.RunAsync("/bin/sh", "-c", $"cd {shop} && TMUX_TMPDIR={host.Folder} tmux -f /dev/null new-session -d 'npm run dev'");
        Assert.True(begun.ExitCode == 0, begun.ToString());
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        // The kernel hands out the lowest free number of the sandbox's devpts, so tmux alone knows which it got.
        var pane = await host.RunAsync("/bin/sh", "-c", $"TMUX_TMPDIR={host.Folder} tmux list-panes -a -F '#{{pane_tty}}'");
        Assert.Matches("^/dev/pts/[0-9]+\n$", pane.Output);
        var terminal = pane.Output["/dev/".Length..].TrimEnd();

        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "dual-stack-listener");
        var origin = Assert.Single(answer.Owners).StartedFrom;
        Assert.Equal(("npm run dev", "tmux", terminal, shop), (origin.Tool, origin.Session, origin.Terminal, origin.ProjectFolder));
        var told = await host.ReportAsync("8080");
        Assert.Contains($", in {shop}, from npm run dev, tmux, {terminal}\n", told.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", told.Output + answer.Outcome.Output, StringComparison.Ordinal);
        Assert.Contains("hunter2", (await host.ReportAsync("8080 --show-secrets")).Output, StringComparison.Ordinal);

        Assert.Equal("stop-tool", answer.Remedies[0].Id);
        var stopped = await host.RunAsync("/bin/sh", "-c", answer.Remedies[0].Command!);
        Assert.True(stopped.ExitCode == 0, stopped.ToString());
        await host.Sockets.UntilAsync(8080);
    }

    [KernelFact]
    public async Task Why_SavedSnapshot_HoldsNoSecretUnlessTold()
    {
        await using var host = await TestHost.OpenAsync();
        var program = host.Start(0, "/bin/sh", "-c", $"exec python3 -B -S {Programs.Script("hold.py")} tcp 0.0.0.0 8080 listen backlog=16 PASSWORD=hunter2");
        await program.ReadyAsync();
        var (masked, whole) = (Path.Combine(host.Folder, "masked.json"), Path.Combine(host.Folder, "whole.json"));
        await host.ReportAsync("8080 --save-snapshot " + masked);
        await host.ReportAsync("8080 --show-secrets --save-snapshot " + whole);
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(masked), StringComparison.Ordinal);
        Assert.Contains("hunter2", await File.ReadAllTextAsync(whole), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", (await host.ReportAsync("8080 --verbose --snapshot " + whole)).Output, StringComparison.Ordinal);
        Assert.Contains("hunter2", (await host.ReportAsync("8080 --show-secrets --verbose --snapshot " + whole)).Output, StringComparison.Ordinal);
    }

    [KernelFact("git")]
    public async Task Why_ServerInAWorkingTree_TellsItsBranch()
    {
        await using var host = await TestHost.OpenAsync();
        var tree = Path.Combine(host.Folder, "shop");
        await host.SetUpAsync($"git init --quiet --initial-branch=feature/cart {tree}");
        await host.SetUpAsync($"mkdir {tree}/api");
        await File.WriteAllTextAsync(Path.Combine(tree, "api", "package.json"), "{}");
        host.Start(0, "/bin/sh", "-c", $"cd {tree}/api && exec python3 -B -S {Programs.Script("hold.py")} tcp 0.0.0.0 8080 listen");
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        var origin = Assert.Single((await host.WhyAsync("8080")).Owners).StartedFrom;
        Assert.Equal(($"{tree}/api", "feature/cart"), (origin.ProjectFolder, origin.Branch));
    }
}
