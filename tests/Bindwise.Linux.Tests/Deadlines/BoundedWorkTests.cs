using System.Diagnostics;
using System.Globalization;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Processes;

namespace Bindwise.Linux.Tests.Deadlines;

/// <summary>Work that may never come back.</summary>
public sealed class BoundedWorkTests
{
    [Fact]
    public void Work_ThatEnds_GivesItsResult()
    {
        Assert.True(BoundedWork.TryRun(static () => 7, out var result));
        Assert.Equal(7, result);
    }

    [Fact]
    public void Work_ThatFails_FailsWhereItWasAskedFor() =>
        Assert.Throws<InvalidOperationException>(static () => BoundedWork.TryRun<int>(static () => throw new InvalidOperationException(), out _));

    [Fact]
    public void Work_ThatSleepsInTheKernel_IsGivenUpAndOthersGoOn()
    {
        Assert.Equal(Errno.None, SocketPairCall.Open(out var first, out var second));
        using (second)
        using (first)
        {
            var silent = first;
            Assert.False(BoundedWork.TryRun(() => DescriptorMessage.Receive(silent, new byte[1], out _, out _, out _), out _));
            Assert.True(BoundedWork.TryRun(static () => true, out _));
            _ = ReadWriteCall.Write(second.Number, "!"u8, out _);
        }
    }

    // The kernel counts the threads of a user on the whole host: of this one there are no others.
    [PythonFact(NeedsRoot = true)]
    public async Task Work_WithoutAThread_IsNotBegunUntilThereIsOne()
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var user = (2_000_000 + Environment.ProcessId).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(dotnet, [typeof(SearchProgram).Assembly.Location, "threads", user]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        Assert.Equal("0 True", await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
    }
}
