using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>A call that waits for ever, for a page that never comes or a lock that is never given back: bindwise can be ended, and the program too.</summary>
[Trait("Lane", "second")]
public sealed class HostileEndTests
{
    private static readonly string[] Words = [" run --hold ", " audit ", " run --supervise"];

    public static TheoryData<string, string, string> Ends
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var call in new[] { "bind", "setsockopt", "listen" })
            {
                foreach (var under in new[] { "hold", "audit" })
                {
                    rows.Add(under, call, "");
                    rows.Add(under, call, "ignore");
                }
            }
            return rows;
        }
    }

    [KernelTheory(Hostile.Compiler)]
    [MemberData(nameof(Ends))]
    public async Task Bindwise_ToldToEnd_EndsWithTheProgram(string under, string call, string term)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await StickAsync(host, under == "hold" ? "run --hold --restart=never --stop-timeout=1s" : under, call, term);
        await host.SignalAsync(Bindwise(host).Single(), under == "hold" ? "TERM" : "INT");
        await program.EndAsync();
        await UntilGoneAsync(host, program.Pid);
        await UntilGoneAsync(host, program.Number("server"));
        Assert.Empty(Bindwise(host));
    }

    [KernelTheory(Hostile.Compiler)]
    [InlineData("bind")]
    [InlineData("setsockopt")]
    [InlineData("listen")]
    public async Task Program_Killed_EndsAtOnce(string call)
    {
        foreach (var under in new[] { Hostile.Bare, "run", "run --hold --restart=never --stop-timeout=1s", "audit" })
        {
            await using var host = await TestHost.OpenAsync();
            var program = await StickAsync(host, under, call, "ignore");
            await host.SignalAsync(program.Pid, "KILL");
            await UntilGoneAsync(host, program.Pid);
            // What a kept program leaves behind is ended with it; of others it goes on.
            if (!under.Contains("--hold", StringComparison.Ordinal))
                await host.SignalAsync(program.Number("server"), "KILL");
            await program.EndAsync();
            await Patience.UntilAsync(() => !Bindwise(host).Any(), $"the end of bindwise {under}");
        }
    }

    private static async Task<TestProgram> StickAsync(TestHost host, string under, string call, string term)
    {
        var page = Directory.CreateDirectory(Path.Combine(host.Folder, "page")).FullName;
        string[] command = [Hostile.File("stick"), call, page, .. term.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var program = host.Start(0, Hostile.Command(under, command));
        await program.ReadyAsync();
        return program;
    }

    // As run --hold, audit, or a plain run's supervisor: a plain run itself becomes the program.
    private static IEnumerable<int> Bindwise(TestHost host) =>
        host.Processes.Commands().Where(static one => Words.Any(word => one.Value.Contains(word, StringComparison.Ordinal))).Select(static one => one.Key);

    // A zombie has ended; who collects it is another matter.
    private static Task UntilGoneAsync(TestHost host, int pid) => Patience.UntilAsync(() => host.StateOf(pid) is '-' or 'Z', $"the end of process {pid}");
}
