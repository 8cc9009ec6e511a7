using System.Diagnostics;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tools.Tests.Freeing;

/// <summary>Processes that are found by a variable of their environment.</summary>
[SupportedOSPlatform("linux")]
public sealed class MarkedProcessTests
{
    private const int Starts = 300;

    // Process.Start returns before the kernel has laid out the new program's environment, now and then.
    [IsolatedFact]
    public Task Open_OfAProcessThatHasJustBeenStarted_FindsIt() => Body.RunAsync(static async () =>
    {
        for (var start = 0; start < Starts; start++)
        {
            using var process = Process.Start(new ProcessStartInfo("sleep", ["1000"]) { Environment = { ["BINDWISE_MARK"] = "this" } })!;
            using var found = MarkedProcess.Open(process.Id, "BINDWISE_MARK=this");
            Assert.True(found is not null, $"start {start}");
            Assert.True(found.Kill());
            await process.WaitForExitAsync();
            Assert.Null(MarkedProcess.Open(process.Id, "BINDWISE_MARK=this"));
        }
    });

    // Nothing of a child in /proc is read, which on a busy machine, or while it executes a file, may not be answered in time.
    [IsolatedFact]
    public Task OfChild_WithoutAnyMark_EndsThatChild() => Body.RunAsync(static async () =>
    {
        using var process = Process.Start("sleep", "1000");
        using var handle = MarkedProcess.OfChild(process);
        Assert.NotNull(handle);
        Assert.True(handle.Kill());
        await process.WaitForExitAsync();
        Assert.True(handle.HasEnded);
        Assert.Null(MarkedProcess.OfChild(process));
    });

    [IsolatedFact]
    public Task Open_OfAProcessWithoutTheMark_FindsNothing() => Body.RunAsync(static async () =>
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", ["1000"]) { Environment = { ["BINDWISE_MARK"] = "another" } })!;
        Assert.Null(MarkedProcess.Open(process.Id, "BINDWISE_MARK=this"));
        using var found = Assert.Single(MarkedProcess.FindAll("BINDWISE_MARK=another"));
        Assert.Equal(process.Id, found.Id);
        Assert.True(found.Kill());
        await process.WaitForExitAsync();
        Assert.Empty(MarkedProcess.FindAll("BINDWISE_MARK=another"));
    });
}
