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
    public Task Metrics_AllNamespaces_TellThePressureOfAnother() =>
        Body.RunAsync(static async () =>
        {
            // The names are this body's alone.
            const string SetUp = "mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip netns add blue && ip -n blue link set lo up";
            using (var set = Process.Start("sh", ["-c", SetUp]))
            {
                await set.WaitForExitAsync();
                Assert.Equal(0, set.ExitCode);
            }
            const string Script = """
                import socket, sys
                server = socket.create_server(("127.0.0.1", 8080), backlog=64)
                for _ in range(7):
                    client = socket.create_connection(("127.0.0.1", 8080)); taken = server.accept()[0]
                    client.close(); taken.recv(1); taken.close()
                kept = [(socket.create_connection(("127.0.0.1", 8080)), server.accept()) for _ in range(3)]
                sys.stdin.read()
                """;
            using var python = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", "blue", "python3", "-c", Script]) { RedirectStandardInput = true })!;
            await using var server = await ServerOfTest.StartAsync(static settings => settings with { HasAllNamespaces = true });
            Dictionary<string, double> metrics;
            var began = Stopwatch.StartNew();
            do
            {
                await Task.Delay(200);
                metrics = await server.MetricsAsync();
                Assert.True(began.Elapsed < TimeSpan.FromMinutes(2), string.Join('\n', metrics));
            }
            while (metrics.GetValueOrDefault("bindwise_namespace_ephemeral_ports_used{container=\"blue\",pod=\"\",destination=\"127.0.0.1:8080\"}") != 10);

            Assert.Equal(7, metrics["bindwise_namespace_time_wait_sockets{container=\"blue\",pod=\"\"}"]);
            Assert.Equal(metrics["bindwise_ephemeral_ports"], metrics["bindwise_namespace_ephemeral_ports{container=\"blue\",pod=\"\"}"]);
            Assert.True(metrics["bindwise_namespaces"] >= 1);
            python.StandardInput.Close();
            await python.WaitForExitAsync();
        });
}
