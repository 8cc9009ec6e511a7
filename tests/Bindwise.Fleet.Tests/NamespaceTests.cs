using System.Diagnostics;
using Bindwise.Linux.Censuses;

namespace Bindwise.Fleet.Tests;

public class NamespaceTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("/system.slice/docker-" + Id + ".scope", "0123456789ab", "")]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12345678_90ab_cdef_1234_567890abcdef.slice/cri-containerd-" + Id + ".scope", "", "12345678-90ab-cdef-1234-567890abcdef")]
    [InlineData("/kubepods/besteffort/pod12345678-90ab-cdef-1234-567890abcdef/" + Id, "", "12345678-90ab-cdef-1234-567890abcdef")]
    [InlineData("/user.slice/podman.service", "", "")]
    public void Of_Cgroup_IsTheContainerOrThePod(string path, string container, string pod) =>
        Assert.Equal(new NamespaceUser(container, pod), NamespaceUser.Of([path]));

    [IsolatedFact("python3")]
    [Trait("Lane", "second")]
    public Task Metrics_AllNamespaces_TellThePressureOfAnother() =>
        Body.RunAsync(static async () =>
        {
            await AddBlueAsync();
            const string Script = """
                import select, socket, sys
                server = socket.create_server(("127.0.0.1", 8080), backlog=64)
                kept = [(socket.create_connection(("127.0.0.1", 8080)), server.accept()) for _ in range(3)]
                # Those in TIME_WAIT last a minute, which a busy machine may need for less than a look: then there are new ones.
                while not select.select([sys.stdin], [], [], 0.2)[0]:
                    if " 06 " in open("/proc/net/tcp").read():
                        continue
                    for _ in range(7):
                        client = socket.create_connection(("127.0.0.1", 8080)); taken = server.accept()[0]
                        client.close(); taken.recv(1); taken.close()
                """;
            using var python = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", "blue", "python3", "-c", Script]) { RedirectStandardInput = true })!;
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { HasAllNamespaces = true });
            var metrics = await UntilAsync(server, static one =>
                one.GetValueOrDefault("bindwise_namespace_ephemeral_ports_used{container=\"blue\",pod=\"\",destination=\"127.0.0.1:8080\"}") == 10);

            Assert.Equal(7, metrics["bindwise_namespace_time_wait_sockets{container=\"blue\",pod=\"\"}"]);
            Assert.Equal(metrics["bindwise_ephemeral_ports"], metrics["bindwise_namespace_ephemeral_ports{container=\"blue\",pod=\"\"}"]);
            Assert.True(metrics["bindwise_namespaces"] >= 1);
            python.StandardInput.Close();
            await python.WaitForExitAsync();
        });

    /// <summary>
    /// Also of a namespace that is younger than the last look, and of more programs than are told apart. Those of the own one count elsewhere; other tests
    /// have namespaces of their own.
    /// </summary>
    [IsolatedFact("python3")]
    public Task Metrics_AllNamespaces_CountTheBindsThatFailInAnother() =>
        Body.RunAsync(static async () =>
        {
            const string Metric = "bindwise_namespace_bind_failures_total{", Blue = Metric + "container=\"blue\",pod=\"\",cause=\"listener\",program=\"";
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { HasAllNamespaces = true });
            await using var few = await ServerOfTest.StartAsync(static settings => settings with { HasAllNamespaces = true, MetricsTop = 2, Ports = PortPolicy.Exactly(9877) });
            foreach (var one in (ServerOfTest[])[server, few])
                await UntilAsync(one, static metrics => metrics["bindwise_bind_failures_seen"] == 1);
            await AddBlueAsync();
            // They go on: of a holder that is gone by the time nobody could say why the call failed.
            using var there = await HoldAsync("ip", "netns", "exec", "blue", "python3");
            using var here = await HoldAsync("python3");
            await RunAsync("ip", "netns", "exec", "blue", "python3", "-c", Failing(3));
            await RunAsync("python3", "-c", Failing(2));
            foreach (var name in (string[])["one", "two", "three"])
            {
                await RunAsync("ln", "-s", "/usr/bin/python3", Path.Combine(Path.GetTempPath(), name));
                await RunAsync("ip", "netns", "exec", "blue", Path.Combine(Path.GetTempPath(), name), "-c", Failing(1));
            }

            var metrics = await UntilAsync(server, static one => Sum(one, Blue) == 6 && Sum(one, "bindwise_bind_failures_total{cause=\"listener\"") == 2);
            Assert.Equal(3, Sum(metrics, Blue + "python3"));
            Assert.Equal(1, metrics[Blue + "two\"}"]);
            metrics = await UntilAsync(few, static one => Sum(one, Metric) >= 6);
            Assert.Equal(3, metrics.Keys.Count(static key => key.StartsWith(Metric, StringComparison.Ordinal)));
            Assert.True(metrics[Metric + "container=\"(other)\",pod=\"(other)\",cause=\"(other)\",program=\"(other)\"}"] >= 2);
            there.Kill();
            here.Kill();
        });

    /// <summary>
    /// A container as an engine makes it: its namespace kept by a mount, its cgroup named after it. It is younger than any look, and its only
    /// program ends as soon as its call has failed.
    /// </summary>
    [IsolatedFact("python3", "nsenter")]
    public Task Metrics_OfAContainerThatEndsAtOnce_TellWhoseItWasAndTheCause() =>
        Body.RunAsync(static async () =>
        {
            // A view of the hierarchy of this body's own: not every machine has one at /sys/fs/cgroup.
            const string Container = """
                cd "$TMPDIR"
                mkdir cgroups && mount -t cgroup2 none cgroups
                test=$(mktemp -d cgroups/bindwise-test-XXXXXX)
                trap 'rmdir $test/*/ $test' EXIT
                mkdir $test/docker-$1.scope
                touch network && unshare --net=network ip link set lo up
                echo ready; read go
                sh -c 'echo $$ > $0/cgroup.procs && exec nsenter --net=network python3 -S -c "$1"' $test/docker-$1.scope "$2"
                echo ended; read on || true
                """;
            const string Failing = """
                import os, socket
                try: socket.socket().bind(("192.0.2.7", 8080))
                except OSError: os._exit(0)
                """;
            using var engine = Process.Start(new ProcessStartInfo("sh", ["-ec", Container, "sh", Id, Failing]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            Assert.Equal("ready", await engine.StandardOutput.ReadLineAsync());
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { HasAllNamespaces = true });
            await UntilAsync(server, static metrics => metrics["bindwise_bind_failures_seen"] == 1);
            await engine.StandardInput.WriteLineAsync("go");
            Assert.Equal("ended", await engine.StandardOutput.ReadLineAsync());
            const string Metric = "bindwise_namespace_bind_failures_total{container=\"0123456789ab\",pod=\"\",cause=\"address-not-local\",program=\"python3\"}";
            await UntilAsync(server, static metrics => metrics.GetValueOrDefault(Metric) == 1);
            engine.StandardInput.Close();
            await engine.WaitForExitAsync();
            Assert.Equal(0, engine.ExitCode);
        });

    private static double Sum(Dictionary<string, double> metrics, string name) =>
        metrics.Where(one => one.Key.StartsWith(name, StringComparison.Ordinal)).Sum(static one => one.Value);

    private static string Failing(int times) => $"""
        import socket
        for _ in range({times}):
            try: socket.socket().bind(("127.0.0.1", 8080))
            except OSError: pass
        """;

    private static async Task<Process> HoldAsync(string program, params string[] arguments)
    {
        const string Holding = """
            import signal, socket
            held = socket.create_server(("127.0.0.1", 8080))
            print("ready", flush=True)
            signal.pause()
            """;
        var holder = Process.Start(new ProcessStartInfo(program, [.. arguments, "-c", Holding]) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync());
        return holder;
    }

    // The names are this body's alone.
    private static Task AddBlueAsync() =>
        RunAsync("sh", "-c", "mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip netns add blue && ip -n blue link set lo up");

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task<Dictionary<string, double>> UntilAsync(ServerOfTest server, Func<Dictionary<string, double>, bool> holds)
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            var metrics = await server.MetricsAsync();
            if (holds(metrics))
                return metrics;
            Assert.True(began.Elapsed < TimeSpan.FromMinutes(4), string.Join('\n', metrics));
        }
    }
}
