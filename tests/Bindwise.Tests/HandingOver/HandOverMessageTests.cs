using System.Buffers.Binary;

namespace Bindwise.Tests.HandingOver;

/// <summary>The bytes of the protocol.</summary>
public sealed class HandOverMessageTests
{
    [Fact]
    public void Head_ReadsWhatItWrote()
    {
        Span<byte> room = stackalloc byte[HandOverHead.SizeBytes];
        foreach (var word in Enum.GetValues<HandOverWord>())
        {
            var head = new HandOverHead(word, (ushort)(1000 + (int)word));
            head.Write(room);
            Assert.Equal(head, HandOverHead.Read(room, out var fault));
            Assert.Null(fault);
        }
    }

    [Fact]
    public void Head_OfAnythingElse_IsAFault()
    {
        var random = new Random(17);
        var bytes = new byte[HandOverHead.SizeBytes];
        for (var round = 0; round < 10_000; round++)
        {
            random.NextBytes(bytes);
            // Half of them begin rightly.
            if (round % 2 == 0)
                "BWH"u8.CopyTo(bytes);
            var head = HandOverHead.Read(bytes, out var fault);
            Assert.Equal(fault is null, bytes.AsSpan().StartsWith("BWH\u0001"u8) && Enum.IsDefined((HandOverWord)bytes[4]) && bytes[5] == 0);
            Assert.True(fault is null || head == default);
        }
    }

    [Fact]
    public void Taken_AreOfferedOnes_EachOnce()
    {
        Assert.Equal([0, 2], HandOverHead.ReadTaken([2, 0, 0, 0], 3)!.Order());
        Assert.Empty(HandOverHead.ReadTaken([], 0)!);
        Assert.Null(HandOverHead.ReadTaken([3, 0], 3));
        Assert.Null(HandOverHead.ReadTaken([1, 0, 1, 0], 3));
        var many = new byte[2048];
        for (var index = 0; index < HandOverHead.MostSockets; index++)
            BinaryPrimitives.WriteUInt16LittleEndian(many.AsSpan(2 * index), (ushort)index);
        Assert.Equal(HandOverHead.MostSockets, HandOverHead.ReadTaken(many, HandOverHead.MostSockets)!.Count);
    }

    [Fact]
    public void Options_ThatContradictThemselves_AreRefused()
    {
        static void Refused(HandOverOptions options, string words) =>
            Assert.Contains(words, Assert.ThrowsAny<ArgumentException>(() => HandOverCheck.Check(options)).Message, StringComparison.Ordinal);
        var right = new HandOverOptions { Path = "/run/app.sock" };
        HandOverCheck.Check(right with { WaitTimeout = Timeout.InfiniteTimeSpan, DrainTimeout = TimeSpan.Zero });
        Refused(new HandOverOptions(), "needs a Path, UseDescriptorStore, or both");
        Refused(right with { Path = "" }, "Path must be");
        Refused(right with { WaitTimeout = TimeSpan.Zero }, "WaitTimeout must be more than zero");
        Refused(right with { ReadyTimeout = TimeSpan.FromDays(100) }, "ReadyTimeout must be");
        Refused(right with { DrainTimeout = TimeSpan.FromSeconds(-5) }, "DrainTimeout must be zero or more");
    }
}
