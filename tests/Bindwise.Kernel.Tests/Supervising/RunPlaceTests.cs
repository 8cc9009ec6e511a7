using System.Diagnostics;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run: where people use it, beside a script: a terminal with job control, a service of systemd, sudo.</summary>
public sealed class RunPlaceTests
{
    private static readonly string[] Ready = ["python3", "-B", "-S", Programs.Script("notify.py"), "ready"];

    [KernelFact]
    public async Task ServiceOfTypeNotify_IsReadyByItsMainProcess()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("notify.py"), Programs.Bindwise, "run", "--", .. Ready]);
        Assert.True(outcome.Output == "READY=1 True 0\n", outcome.ToString());
    }

    [KernelFact("sudo")]
    public async Task Sudo_BeforeIt_Works()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("sudo", "-n", "-u", "#65534", Programs.Bindwise, "run", "--", "sh", "-c", "id -u; exit 4");
        Assert.True(outcome is { ExitCode: 4, Output: "65534\n" }, outcome.ToString());
    }

    // What is typed is read by a shell of its own in a terminal of tmux; "typed" in two parts is not found where it is typed.
    [KernelFact("tmux")]
    public async Task Terminal_CtrlZStopsTheProgramFgGoesOnAndCtrlCEndsIt()
    {
        await using var host = await TestHost.OpenAsync();
        string[] tmux = ["tmux", "-S", Path.Combine(host.Folder, "tmux"), "-f", "/dev/null"];
        async Task TypeAsync(params string[] keys) => Assert.Equal(0, (await host.RunAsync([.. tmux, "send-keys", "-t", "s", .. keys])).ExitCode);
        async Task UntilAsync(string text, params string[] asked)
        {
            string[] words = asked.Length > 0 ? asked : ["capture-pane", "-p", "-t", "s"];
            var since = Stopwatch.GetTimestamp();
            var seen = "";
            while (!seen.Contains(text, StringComparison.Ordinal))
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < Patience.OfAWait, $"the terminal never shows {text}: {seen}");
                seen = (await host.RunAsync([.. tmux, .. words])).Output;
            }
        }
        var begun = await host.RunAsync([.. tmux, "new-session", "-d", "-s", "s", "-x", "100", "-y", "30", "PS1='> ' bash --norc --noprofile"]);
        Assert.True(begun.ExitCode == 0, begun.ToString());
        try
        {
            await TypeAsync($"{Programs.Bindwise} run -- sh -c 'echo be''gun; exec sleep 1000'", "Enter");
            await UntilAsync("\nbegun");
            await TypeAsync("C-z");
            await UntilAsync("Stopped");
            await TypeAsync("fg", "Enter");
            await UntilAsync("\n> fg");
            await UntilAsync("sleep", "display", "-p", "-t", "s", "#{pane_current_command}");
            await TypeAsync("C-c");
            await TypeAsync("echo en''ded $?", "Enter");
            await UntilAsync("\nended 130");
        }
        finally
        {
            await host.RunAsync([.. tmux, "kill-server"]);
        }
    }
}
