using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Few descriptors, no memory, no thread: an answer, or one line that says what is short (docs/small-limits.md).</summary>
[Trait("Lane", "second")]
public sealed class ShortageTests
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    [KernelTheory]
    [InlineData("affinity=1")]
    [InlineData("affinity=38")]
    [InlineData("clone3=38")]
    public async Task Why_SystemCallThatTheRuntimeCanDoWithout_Answers(string limit)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await RunAsync(host, limit);
        Assert.Single(Asking.Answers(outcome)).Is("free", null, "free");
    }

    // What it looks at more of: the holder, its parents, its open files.
    [KernelTheory]
    [InlineData("affinity=1")]
    [InlineData("affinity=38")]
    [InlineData("clone3=38")]
    public async Task Verbs_OnTakenPortsAndTimeWait_AnswerToo(string limit)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        await host.StartScriptAsync("keep_time_wait.py", "9090");
        await host.Sockets.UntilSomeAsync(9090, "TIME_WAIT");
        foreach (var (words, code) in new[] { ("why 8080", 1), ("why 9090 --plain", 1), ("why 8080 9090 --verbose", 1), ("free 8080 --dry-run", 0), ("ls", 0), ("wait 8080 --timeout 100ms", 1), ("plan", 3) })
        {
            var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("limit.py"), limit, Programs.Bindwise, .. words.Split(' ')]);
            Assert.True((outcome.ExitCode == code || words is "plan") && !outcome.Error.Contains("internal error", StringComparison.Ordinal), $"{words}: {outcome}");
        }
    }

    // Each call of the look in turn, at every place where it is made: the right answer, or one line that says what is missing; never another answer.
    [KernelTheory]
    [InlineData("why 8080", "1,2,3")]
    [InlineData("why 9090 --plain", "1,2,3")]
    [InlineData("why 7070", "0,2,3")]
    [InlineData("free 8080 --dry-run", "0,1,2,3")]
    public async Task SystemCall_ThatIsRefused_ChangesNoAnswerAndIsNoInternalError(string words, string codes)
    {
        // The other program's runtime says in its own words, many of them, what it lacks.
        if (!ProgramUnderTest.IsNative)
            return;
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        // As many runs as these may take longer than one TIME_WAIT lasts.
        await host.StartScriptAsync("keep_time_wait.py", "9090");
        await host.Sockets.UntilSomeAsync(9090, "TIME_WAIT");
        host.Limit = Patience.OfManyWaits;
        var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("refuse_each.py"), codes, "EPERM,ENOMEM", Programs.Bindwise, .. words.Split(' ')]);
        Assert.True(outcome.ExitCode == 0 && outcome.Output is [>= '1' and <= '9', ..], outcome.ToString());
    }

    [KernelTheory]
    [InlineData("nofile=4", "ulimit -n")]
    [InlineData("nofile=5", "ulimit -n")]
    [InlineData("nofile=10", "ulimit -n")]
    [InlineData("nproc=2", "ulimit -u", "--follow")]
    public async Task Why_TooLittleOfAResource_SaysWhichInOneLine(string limit, string remedy, params string[] words)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await RunAsync(host, limit, words);
        Assert.Empty(outcome.Output);
        // The runtime of the other program needs more than that for itself, and says so itself.
        Assert.NotEmpty(outcome.Error);
        Assert.NotEqual(0, outcome.ExitCode);
        if (!ProgramUnderTest.IsNative)
            return;
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("bindwise: ", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains(remedy, outcome.Error, StringComparison.Ordinal);
    }

    // The runtime's own second thread is all that it cannot do without.
    [KernelFact]
    public async Task Why_WithASecondThreadAlone_Answers()
    {
        if (!ProgramUnderTest.IsNative)
            return;
        await using var host = await TestHost.OpenAsync();
        Assert.Single(Asking.Answers(await RunAsync(host, "nproc=2"))).Is("free", null, "free");
    }

    /// <summary>How much the runtime needs depends on the program's size: from too little for it to enough for an answer, in steps.</summary>
    [KernelTheory]
    [InlineData]
    [InlineData("--follow")]
    public async Task Why_LittleAddressSpace_SaysSoInOneLineOrAnswers(params string[] words)
    {
        await using var host = await TestHost.OpenAsync();
        var (answered, told) = (false, 0);
        for (var mebibytes = 40; ProgramUnderTest.IsNative && mebibytes <= 256; mebibytes += 2)
        {
            var outcome = await RunAsync(host, $"as={mebibytes}", words);
            answered = outcome.ExitCode == 0;
            if (answered)
                break;
            // What was answered before the memory ran out stays.
            Assert.True(outcome.Output.Length == 0 || (words.Length > 0 && told > 0), outcome.Output);
            // The runtime ended without a word or with its own, or the loader (ld.so) could not map the program at all (docs/small-limits.md).
            if (outcome.Error.Length == 0 || (outcome.ExitCode == 134 && outcome.Error.Contains("due to out of memory", StringComparison.Ordinal)) || (outcome.ExitCode == 127 && outcome.Error.Contains("error while loading shared libraries", StringComparison.Ordinal)))
                continue;
            Assert.Equal(2, outcome.ExitCode);
            Assert.StartsWith("bindwise: ", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Contains("ulimit -v", outcome.Error, StringComparison.Ordinal);
            told++;
        }
        Assert.Equal(ProgramUnderTest.IsNative, answered);
        // Between what the runtime needs and what a thread more does; without one there is nothing in between.
        if (words.Length > 0)
            Assert.Equal(ProgramUnderTest.IsNative, told > 0);
        // With less, what the C library reserves for each thread's malloc() may take the room on a busy host (docs/small-limits.md).
        Assert.Single(Asking.Answers(await RunAsync(host, ProgramUnderTest.IsNative ? "as=1024" : "as=65536"))).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Mcp_WithFewThreads_AnswersOrSaysSoInOneLine()
    {
        await using var host = await TestHost.OpenAsync();
        var calls = Enumerable.Range(2, 16).Select(static id =>
            $$"""{"jsonrpc":"2.0","id":{{id}},"method":"tools/call","params":{"name":"why","arguments":{"target":"8080"} } }""");
        var input = string.Join('\n', [Initialize, .. calls, ""]);
        var told = 0;
        for (var threads = 1; threads <= 20; threads++)
        {
            var outcome = await host.RunAsAsync(0, input, "python3", "-B", "-S", Programs.Script("limit.py"), $"nproc={threads}", Programs.Bindwise, "mcp");
            // The runtime itself did not start (docs/small-limits.md).
            if (outcome is { ExitCode: 255, Error: "" } or { ExitCode: 137 } || (!ProgramUnderTest.IsNative && outcome.ExitCode == 134))
                continue;
            Assert.True(outcome.ExitCode is 0 or 2, $"{threads}: {outcome}");
            if (outcome.ExitCode == 0)
                continue;
            Assert.Contains("ulimit -u", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            told++;
        }
        Assert.True(told > 0);
        var enough = await host.RunAsAsync(0, input, "python3", "-B", "-S", Programs.Script("limit.py"), "nproc=100", Programs.Bindwise, "mcp");
        Assert.Equal((0, 17), (enough.ExitCode, enough.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    // Two are the runtime's own. With fewer than eight more each of them says so before it begins.
    [KernelTheory]
    [InlineData("record --dir D")]
    [InlineData("serve --port 0")]
    [InlineData("watch --json")]
    [InlineData("lab prove reuse-time-wait")]
    [InlineData("lab run time-wait-meter")]
    public async Task LongVerb_WithFewThreads_SaysSoInOneLine(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var told = 0;
        for (var threads = 1; threads <= 8; threads++)
        {
            var outcome = await host.RunAsync(["python3", "-B", "-S", Programs.Script("limit.py"), $"nproc={threads}", Programs.Bindwise, .. words.Split(' ')]);
            Assert.Empty(outcome.Output);
            // The runtime itself did not start (docs/small-limits.md).
            if (outcome is { ExitCode: 255, Error: "" } || (!ProgramUnderTest.IsNative && outcome.ExitCode is 134 or 137))
                continue;
            Assert.True(outcome.ExitCode == 2, $"{threads}: {outcome}");
            Assert.Contains("no further thread can be started: raise the limit of this user's processes (ulimit -u",
                Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            told++;
        }
        Assert.True(told > 0 || !ProgramUnderTest.IsNative);
    }

    [KernelTheory]
    [InlineData(16, true)]
    [InlineData(20, false)]
    [InlineData(24, false)]
    public async Task LabProve_WithFewDescriptors_CallsThemNoFindingAboutTheKernel(int descriptors, bool areTooFew)
    {
        // The other program's runtime needs more for itself.
        if (!ProgramUnderTest.IsNative)
            return;
        await using var host = await TestHost.OpenAsync();
        Outcome outcome;
        // A busy machine may hold up the experiment before a descriptor is missing.
        do
            outcome = await host.RunAsync("python3", "-B", "-S", Programs.Script("limit.py"), $"nofile={descriptors}", Programs.Bindwise, "lab", "prove", "reuse-time-wait", "--on", "kernel");
        while (outcome.Error.Contains("this machine is too busy", StringComparison.Ordinal));
        // How many experiments are played at once, and so how many descriptors they need, is the machine's affair: on one processor 18 are enough.
        Assert.True(outcome.ExitCode == 2 || (!areTooFew && outcome.ExitCode == 0), outcome.ToString());
        if (outcome.ExitCode == 2)
            Assert.Contains("ulimit -n", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        else
            Assert.StartsWith("reuse-time-wait: true if both sockets had set it\n", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("was EMFILE", outcome.Output + outcome.Error, StringComparison.Ordinal);
    }

    private static Task<Outcome> RunAsync(TestHost host, string limit, params string[] words) =>
        host.RunAsync(["python3", "-B", "-S", Programs.Script("limit.py"), limit, Programs.Bindwise, "why", "8080", "--json", .. words]);
}
