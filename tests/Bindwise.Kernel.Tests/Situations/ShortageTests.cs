using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Staging;

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
        await using var stage = await Stage.OpenAsync();
        var outcome = await RunAsync(stage, limit);
        Assert.Single(Asking.Answers(outcome)).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("nofile=4", "ulimit -n")]
    [InlineData("nofile=5", "ulimit -n")]
    [InlineData("nofile=10", "ulimit -n")]
    [InlineData("nproc=2", "ulimit -u")]
    [InlineData("as=116", "ulimit -v")]
    public async Task Why_TooLittleOfAResource_SaysWhichInOneLine(string limit, string remedy)
    {
        await using var stage = await Stage.OpenAsync();
        var outcome = await RunAsync(stage, limit);
        Assert.Empty(outcome.Output);
        // The runtime of the other program needs more than that for itself, and says so itself.
        Assert.NotEmpty(outcome.Error);
        Assert.NotEqual(0, outcome.ExitCode);
        if (!Programs.IsNative)
            return;
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("bindwise: ", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains(remedy, outcome.Error, StringComparison.Ordinal);
    }

    private static Task<Outcome> RunAsync(Stage stage, string limit) =>
        stage.RunAsync("python3", "-B", "-S", Programs.Script("limit.py"), limit, Programs.Bindwise, "why", "8080", "--json");
}
