using System.Text;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.PendingUses;
using Bindwise.Linux.Tests.Processes.TaskFiles;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Processes.PendingUses;

/// <summary>What the kernel tells of pending calls and requests, as text.</summary>
[Trait("Seed", "any")]
public sealed class PendingUseTextTests
{
    [Fact]
    public void Call_OfASleepingThread_IsItsNumberAndArguments()
    {
        var call = SystemCall.Parse("43 0x3 0x7f00 0xffffffffffffffff 0x4 0x5 0x6 0x7f76c615a6a8 0x7f76c671f829\n"u8);
        Assert.Equal((43, 3ul, 0x7f00ul, ulong.MaxValue, 4ul), (call!.Value.Number, call.Value.First, call.Value.Second, call.Value.Third, call.Value.Fourth));
        Assert.Equal((0x7f76c615a6a8ul, 0x7f76c671f829ul), call.Value.Place);
    }

    [Theory]
    [InlineData("")]
    [InlineData("running\n")]
    [InlineData("-1 0x7ffd 0x7f76\n")]
    [InlineData("43 0x3 0x0 0x0 0x0 0x0 0x0 0x0\n")]
    [InlineData("43 0x3 0x0 0x0 0x0 0x0 0x0 0x0 0x11111111111111111\n")]
    [InlineData("99999999999 0x3 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n")]
    [InlineData("43 3 0 0 0 0 0 0 0\n")]
    public void Call_OfAnotherForm_IsNone(string line) => Assert.Null(SystemCall.Parse(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void Call_OfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => SystemCall.Parse([.. "43 0x3 0x"u8, .. bytes]) is null or { Number: 43 }).Holds();

    [Theory]
    [InlineData("16733 100 99 0 0 0 0 0 autoremove_wake_function", HoldingWay.SystemCall, 100, 99, 0ul)]
    [InlineData("16733 0 0 0 0 0 0 0 woken_wake_function", null, 0, 0, 0ul)]
    [InlineData("16733 0 0 100 99 0 0 0 pollwake", HoldingWay.SystemCall, 100, 99, 0ul)]
    [InlineData("16733 1 2 3 4 100 99 0 io_poll_wake.isra.0", HoldingWay.IoUringRequest, 100, 99, 0ul)]
    [InlineData("16733 1 2 3 4 5 6 21749 aio_poll_wake", HoldingWay.AioRequest, 0, 0, 21749ul)]
    [InlineData("16733 100 99 100 99 100 99 0 ep_poll_callback", null, 0, 0, 0ul)]
    [InlineData("16733 4294967296 99 0 0 0 0 0 default_wake_function", null, 0, 0, 0ul)]
    [InlineData("16733 100 99 0 0 0 0 0", null, 0, 0, 0ul)]
    [InlineData("x 100 99 0 0 0 0 0 pollwake", null, 0, 0, 0ul)]
    [InlineData("", null, 0, 0, 0ul)]
    internal void Waiter_OfALine_IsWhoKeepsTheSocket(string line, HoldingWay? way, int thread, int process, ulong ring)
    {
        WaitQueues.Waiter[] expected = way is { } known ? [new(16733, known, thread, process, ring)] : [];
        Assert.Equal(expected, WaitQueues.Parse(line + "\n"));
    }

    [Theory]
    [InlineData("UserFiles:\t0\nPollList:\n  op=13, task_works=0\n  op=27, task_works=1\nCqOverflowList:\n  op=9\n", new[] { 13, 27 })]
    [InlineData("PollList:\n  op=x\n  13\n", new int[0])]
    [InlineData("", new int[0])]
    public void Info_OfARing_TellsItsWaitingOperations(string info, int[] operations) =>
        Assert.Equal(operations, DescriptorInfo.WaitingOperations(Encoding.ASCII.GetBytes(info)));

    [Fact]
    public void ArbitraryBytes_NeverThrow() => Prop.ForAll<byte[]>(bytes =>
    {
        var text = Encoding.Latin1.GetString(bytes);
        return WaitQueues.Parse("16733 1 1 1 1 1 1 1 " + text).Count() <= 1 + bytes.Length
            && WaitQueues.Parse(text + " 2 3 4 5 6 7 8 pollwake").Count() <= 1 + bytes.Length
            && DescriptorInfo.WaitingOperations([.. "PollList:\n  op="u8, .. bytes]).Count <= 1 + bytes.Length
            && WaitQueueLayout.Read(bytes) is null;
    }).Holds();

    [TaskFileFact]
    public void Layout_OfThisKernel_IsComplete()
    {
        var layout = WaitQueueLayout.Read(File.ReadAllBytes("/sys/kernel/btf/vmlinux"));
        Assert.NotNull(layout);
        Assert.True(layout is { Functions: { Tcp: > 0, Udp: > 0, Unix: > 0 }, State: > 0, Socket: > 0, Inode: > 0, Waiters: > 0, PollingTask: > 0, RequestTask: > 0 });
    }

    [Fact]
    public void Layout_OfNoTypes_IsNull() => Assert.Null(WaitQueueLayout.Read("no types"u8));
}
