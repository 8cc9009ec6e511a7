using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

public sealed class ProcessTreeTests
{
    private static readonly Dictionary<int, ProcessRecord> Host = new[]
    {
        Process(1, 0, "systemd"),
        Process(2, 0, "kthreadd"),
        Process(100, 1, "sshd"),
        Process(110, 100, "bash", "-bash"),
        Process(120, 110, "make", "make", "run"),
        Process(130, 120, "sh", "/bin/sh", "-c", "node server.js"),
        Process(140, 130, "node", "node", "server.js"),
        Process(150, 110, "bash", "bash", "./start.sh"),
        Process(160, 150, "python3"),
        Process(170, 110, "zsh", "zsh", "--login", "-i"),
        Process(180, 170, "nc"),
        Process(200, 1, "nginx"),
        Process(201, 200, "nginx"),
        Process(300, 1, "tmux: server"),
        Process(310, 300, "vim"),
        Process(320, 300, "bash", "bash", "-lc", "serve"),
        Process(330, 320, "serve"),
        Process(400, 399, "lost"),
        Process(500, 501, "round"),
        Process(501, 500, "and round"),
        Process(600, 601, "older"),
        Process(601, 1, "younger") with { StartTicks = 99 },
    }.ToDictionary(process => process.Id);

    [Theory]
    [InlineData(140, new[] { 1, 100, 110, 120, 130 })] // shells are steps on the way
    [InlineData(180, new[] { 1, 100, 110, 170 })]
    [InlineData(201, new[] { 1, 200 })]
    [InlineData(310, new[] { 300 })]
    [InlineData(330, new[] { 300, 320 })]
    [InlineData(1, new int[0])]
    [InlineData(400, new int[0])] // the parent is gone
    [InlineData(500, new[] { 501 })] // a circle
    [InlineData(600, new[] { 601 })] // the parent's pid belongs to a younger process by now: nothing above it
    public void Read_EndsAtTheMultiplexerOrTheServiceManager(int pid, int[] parents) =>
        Assert.Equal(parents, ProcessTree.Read([pid], Read).Select(process => process.Id).Where(id => id != pid));

    [Fact]
    public void Read_OfADeepChain_IsBounded()
    {
        var chain = ProcessTree.Read([10_000], pid => Process(pid, pid - 1, "deep"));
        Assert.Equal(ProcessTree.DepthLimit + 1, chain.Length);
    }

    [Fact]
    public void Read_OfManyHolders_ReadsEachProcessOnce()
    {
        var reads = new List<int>();
        var processes = ProcessTree.Read([201, 200, 140, 399], pid =>
        {
            reads.Add(pid);
            return Read(pid);
        });
        Assert.Equal([1, 100, 110, 120, 130, 140, 200, 201], processes.Select(process => process.Id));
        Assert.Equal(reads.Distinct(), reads);
    }

    private static ProcessRecord? Read(int pid) => Host.GetValueOrDefault(pid);

    private static ProcessRecord Process(int pid, int parent, string name, params string[] arguments) =>
        new() { Id = pid, ParentId = parent, Name = name, Arguments = arguments.Length == 0 ? [name] : [.. arguments], StartTicks = 5 };
}
