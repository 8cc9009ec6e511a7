using Bindwise.Kernel.Tests.Freeing;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Watching;

/// <summary>`bindwise watch` with a person at a terminal, which is tmux.</summary>
[Trait("Lane", "second")]
public sealed class WatchScreenTests
{
    private const string Listens = "tcp 127.0.0.1 8080 reuseaddr listen";

    [KernelTheory]
    [InlineData("key q", "EXIT 0")]
    [InlineData("key C-c", "EXIT 130")]
    [InlineData("signal TERM bindwise", "EXIT 0")]
    [InlineData("signal INT bindwise", "EXIT 130")]
    public async Task Watch_ItsEnd_PutsTheTerminalBack(string step, string exit)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await FollowAsync(host, "80x24", "", "await 8080/tcp", step, "await " + exit, "gone [1 Ports]",
            "type stty -a", "key Enter", "await ready>");
    }

    [KernelFact]
    public async Task Watch_EachView_ByNumberAndTab()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await FollowAsync(host, "80x24", "", "await 8080/tcp", "key 2", "await LISTEN 1", "key 3", "await No connection is in TIME_WAIT.",
            "key 4", "await No connection uses an ephemeral port.", "key 5", "await [5 Failures]", "key Tab", "await [1 Ports]",
            "key BTab", "await [5 Failures]", "key q", "await EXIT 0");
    }

    [KernelFact]
    public async Task Watch_SelectionKeys_MoveByRowPageAndEnd()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("fill_listeners.py", "20000 100");
        await FollowAsync(host, "80x24", "", "await > 20000/tcp", "key Down", "await > 20001/tcp", "key k", "await > 20000/tcp",
            "key j", "await > 20001/tcp", "key Up", "await > 20000/tcp", "key End", "await > 20099/tcp", "key Home", "await > 20000/tcp",
            "key PPage", "await > 20000/tcp", "key NPage", "await > 20018/tcp", "key PPage", "await > 20000/tcp", "key q", "await EXIT 0");
    }

    [KernelFact]
    public async Task Watch_FilterSortPauseAndHelp()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9090 reuseaddr listen");
        await FollowAsync(host, "80x24", "", "await 9090/tcp", "type /9090", "gone 8080/tcp", "key Enter", "key Escape", "await 8080/tcp",
            "key s", "await Sorted by owner.", "key Space", "await PAUSED", "key Space", "gone PAUSED",
            "key ?", "await the first or last row", "key Escape", "await 8080/tcp", "key q", "await EXIT 0");
    }

    [KernelFact]
    public async Task Watch_ResizeStopAndGoOn_DrawsAnew()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await FollowAsync(host, "80x24", "", "await 3 TIME_WAIT", "resize 60x20", "gone 3 TIME_WAIT", "await 8080/tcp",
            "resize 120x40", "await NOTE", "key C-z", "await Stopped", "gone NOTE", "type fg", "key Enter", "await NOTE", "key q", "await ready>");
    }

    [KernelTheory]
    [InlineData("y", false, "is free.")]
    [InlineData("n", true, "Nothing was done.")]
    public async Task Watch_FreeOfTheSelectedRow_IsDoneOnlyAfterAYes(string answer, bool lives, string told)
    {
        await using var host = await TestHost.OpenAsync();
        var server = await host.StartScriptAsync("hold.py", Listens);
        await FollowAsync(host, "80x24", "", "await > 8080/tcp", "key f", "await Do it? [y/N]", "key " + answer, "await " + told,
            "key Escape", "await [1 Ports]", "key q", "await EXIT 0");
        Assert.Equal(lives, host.Lives(server.Pid));
    }

    [KernelFact]
    public async Task Watch_Why_ShowsTheDiagnosisAndGoesBack()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await FollowAsync(host, "80x24", "", "await > 8080/tcp", "key Enter", "await is taken (EADDRINUSE)", "key Escape", "await [1 Ports]",
            "key q", "await EXIT 0");
    }

    [KernelFact]
    public async Task Watch_AFailedBind_AppearsWithItsReason()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        await FollowAsync(host, "120x30", "", "await > 8080/tcp", "run python3 -c 'import socket; socket.socket().bind((\"127.0.0.1\", 8080))'",
            "key 5", "await bind 127.0.0.1:8080/tcp", "await EADDRINUSE", "key Enter", "await failed: 127.0.0.1:8080", "key Escape", "gone failed: 127.0.0.1:8080", "key q", "await EXIT 0");
    }

    [KernelTheory]
    [InlineData("LC_ALL=C ", "SYN comes", "▼")]
    [InlineData("NO_COLOR=1 ", "▼", "\u001b")]
    public async Task Watch_WithoutUnicodeOrColour_IsWhole(string environment, string shown, string missing)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", Listens);
        var seen = await FollowAsync(host, "80x24", environment, "await 8080/tcp", "key 2", "await " + shown, "screen", "key q", "await EXIT 0");
        Assert.DoesNotContain(missing, seen, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Watch_ADumbTerminal_GetsLines()
    {
        await using var host = await TestHost.OpenAsync();
        // Again and again: what the first look sees is not told, and what only one sees neither.
        const string Server = "import socket, time\nwhile True: s = socket.socket(); s.setsockopt(1, 2, 1); s.bind((\"127.0.0.1\", 7777)); "
            + "s.listen(); time.sleep(10); s.close()";
        await FollowAsync(host, "80x24", "TERM=dumb ", $"run setsid --fork python3 -S -c '{Server}'", "await listen 127.0.0.1:7777/tcp",
            "key C-c", "await EXIT 130");
    }

    [KernelFact]
    public async Task WatchEvents_AClosedPipe_EndsAtOnceWithoutAnEvent()
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("/bin/bash", "-c", $"timeout 200 {Programs.Bindwise} watch --events 2>/dev/null | true; echo ${{PIPESTATUS[0]}}");
        Assert.Equal("0\n", outcome.Output);
    }

    private static async Task<string> FollowAsync(TestHost host, string size, string environment, params string[] steps)
    {
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("watch_in_tmux.py"), size,
            $"{environment}{Programs.Bindwise} watch", .. steps]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }
}
