using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Few descriptors, no memory, no thread: an answer, or one line that says what is short (docs/small-limits.md).</summary>
public sealed class ShortageTests
{
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

    [KernelTheory]
    [InlineData("nofile=4", "ulimit -n")]
    [InlineData("nofile=5", "ulimit -n")]
    [InlineData("nofile=10", "ulimit -n")]
    [InlineData("nproc=2", "ulimit -u")]
    public async Task Why_TooLittleOfAResource_SaysWhichInOneLine(string limit, string remedy)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await RunAsync(host, limit);
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

    /// <summary>How much the runtime needs depends on the program's size: from too little for it to enough for an answer, in steps.</summary>
    [KernelFact]
    public async Task Why_LittleAddressSpace_SaysSoInOneLineOrAnswers()
    {
        await using var host = await TestHost.OpenAsync();
        var told = 0;
        for (var mebibytes = 40; ProgramUnderTest.IsNative && mebibytes <= 256; mebibytes += 2)
        {
            var outcome = await RunAsync(host, $"as={mebibytes}");
            if (outcome.ExitCode == 0)
                break;
            Assert.Empty(outcome.Output);
            // The runtime ended without a word (docs/small-limits.md).
            if (outcome.Error.Length == 0)
                continue;
            Assert.Equal(2, outcome.ExitCode);
            Assert.StartsWith("bindwise: ", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Contains("ulimit -v", outcome.Error, StringComparison.Ordinal);
            told++;
        }
        Assert.Equal(ProgramUnderTest.IsNative, told > 0);
        Assert.Single(Asking.Answers(await RunAsync(host, ProgramUnderTest.IsNative ? "as=256" : "as=65536"))).Is("free", null, "free");
    }

    private static Task<Outcome> RunAsync(TestHost host, string limit) =>
        host.RunAsync("python3", "-B", "-S", Programs.Script("limit.py"), limit, Programs.Bindwise, "why", "8080", "--json");
}
