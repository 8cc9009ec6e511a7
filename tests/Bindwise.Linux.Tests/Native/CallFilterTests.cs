using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Native;

/// <summary>What a filter says to each call, by playing its instructions as the kernel does (bpf(4) of classic BPF).</summary>
public sealed class CallFilterTests
{
    private const uint Allow = 0x7fff_0000;
    private const uint Notify = 0x7fc0_0000;
    private const uint NoSuchCall = 0x0005_0026;

    private static readonly CallFilter Run = CallFilter.OfRun(keepsReuseAddress: true, moves: true, holds: true, new ArgumentTest(2, [16]));
    private static readonly CallFilter Bare = CallFilter.OfRun(keepsReuseAddress: false, moves: false);

    private static uint Own => (uint)CallTable.OwnArchitecture;

    private static uint Sibling => (uint)CallTable.SiblingArchitecture;

    [Fact]
    public void Run_HandsOverWhatItIsToldTo()
    {
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.Bind)));
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.Listen)));
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.Restrict)));
        Assert.Equal(Allow, Say(Run, Own, Number(CallKind.Shutdown), 3, 1));
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.Shutdown), 3, 0));
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.Shutdown), 3, 2));
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.Connect), 3, 77, 16));
        Assert.Equal(Allow, Say(Run, Own, Number(CallKind.Connect), 3, 77, 28));
        Assert.Equal(Notify, Say(Run, Own, Number(CallKind.SetSocketOption), 3, 1, 2));
        Assert.Equal(Allow, Say(Run, Own, Number(CallKind.SetSocketOption), 3, 1, 15));
        Assert.Equal(Allow, Say(Run, Own, Number(CallKind.SetSocketOption), 3, 6, 2));
        Assert.Equal(NoSuchCall, Say(Run, Own, Number(CallKind.SetUpRing)));
        Assert.Equal(Allow, Say(Run, Own, Number(CallKind.Socket), 2));
    }

    [Theory]
    [InlineData(new uint[] { 16, 28 }, 16, Allow)]
    [InlineData(new uint[] { 16, 28 }, 28, Allow)]
    [InlineData(new uint[] { 16, 28 }, 110, Notify)]
    [InlineData(new uint[] { 16, 28 }, 17, Notify)]
    [InlineData(new uint[] { 28 }, 16, Notify)]
    [InlineData(new uint[] { 28 }, 28, Allow)]
    [InlineData(new uint[0], 28, Notify)]
    public void Run_HandsOverConnectsByTheLengthOfTheAddress(uint[] others, uint length, uint verdict) =>
        Assert.Equal(verdict, Say(CallFilter.OfRun(keepsReuseAddress: true, moves: false, holds: true, new ArgumentTest(2, others, IsAny: false)), Own, Number(CallKind.Connect), 3, 77, length));

    [Fact]
    public void Run_WithoutMore_HandsOverBindListenAndRestrictionAlone()
    {
        foreach (var kind in new[] { CallKind.Shutdown, CallKind.Connect, CallKind.SetSocketOption, CallKind.SetUpRing, CallKind.Execute })
            Assert.Equal(Allow, Say(Bare, Own, Number(kind), 3, 1, 2));
        Assert.Equal(Notify, Say(Bare, Own, Number(CallKind.Bind)));
    }

    [Fact]
    public void EveryFilter_HandsOverOtherWaysToBindAndToRestrict()
    {
        foreach (var filter in new[] { Run, Bare, CallFilter.OfAudit() })
        {
            foreach (var kind in new[] { CallKind.Bind, CallKind.Listen, CallKind.Restrict })
            {
                Assert.Equal(Notify, Say(filter, Sibling, CallTable.SiblingNumberOf(kind)!.Value));
                if (CallTable.X32NumberOf(kind) is { } number)
                    Assert.Equal(Notify, Say(filter, Own, number));
            }
            Assert.Equal(Allow, Say(filter, Sibling, 1));
            Assert.Equal(Allow, Say(filter, 0x8000_0015, Number(CallKind.Bind)));
        }
        Assert.Equal(NoSuchCall, Say(Run, Sibling, CallTable.SiblingNumberOf(CallKind.SetUpRing)!.Value));
    }

    [Fact]
    public void Multiplexed_IsHandedOverForBindAndListen()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Null(CallTable.SiblingNumberOf(CallKind.Multiplexed));
            return;
        }
        var number = CallTable.SiblingNumberOf(CallKind.Multiplexed)!.Value;
        Assert.Equal(Notify, Say(Bare, Sibling, number, 2));
        Assert.Equal(Notify, Say(Bare, Sibling, number, 4));
        Assert.Equal(Allow, Say(Bare, Sibling, number, 3));
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(1, 15, true)]
    [InlineData(1, 9, false)]
    [InlineData(0, 24, true)]
    [InlineData(0, 15, true)]
    [InlineData(0, 19, true)]
    [InlineData(0, 2, false)]
    [InlineData(41, 26, true)]
    [InlineData(41, 24, false)]
    [InlineData(6, 2, false)]
    public void Audit_HandsOverTheOptionsThatBindReads(uint level, uint name, bool isHandedOver) =>
        Assert.Equal(isHandedOver ? Notify : Allow, Say(CallFilter.OfAudit(), Own, Number(CallKind.SetSocketOption), 3, level, name));

    [Fact]
    public void Kinds_AreFoundByTheNumbersThatFiltersName()
    {
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            if (kind is not (CallKind.Other or CallKind.Multiplexed))
                Assert.Equal(kind, CallTable.KindOf(new SystemCallNotice { Architecture = Own, Number = (int)Number(kind) }));
            if (kind != CallKind.Other && CallTable.SiblingNumberOf(kind) is { } number)
                Assert.Equal(kind, CallTable.KindOf(new SystemCallNotice { Architecture = Sibling, Number = (int)number }));
        }
    }

    private static uint Number(CallKind kind) => CallTable.OwnNumberOf(kind);

    private static uint Say(CallFilter filter, uint architecture, uint number, params uint[] arguments)
    {
        var program = filter.ToProgram();
        uint value = 0;
        for (var at = 0; ; at++)
        {
            var one = program[at];
            switch (one.Operation)
            {
                case 0x20:
                    value = one.Value switch
                    {
                        0 => number,
                        4 => architecture,
                        var place when (place - 16) / 8 < arguments.Length => arguments[(place - 16) / 8],
                        _ => 0,
                    };
                    break;
                case 0x15:
                    at += value == one.Value ? one.IfTrue : one.IfFalse;
                    break;
                case 0x06:
                    return one.Value;
                default:
                    throw new InvalidOperationException($"no operation {one.Operation:x}");
            }
        }
    }
}
