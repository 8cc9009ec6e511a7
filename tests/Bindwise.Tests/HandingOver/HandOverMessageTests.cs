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
            var head = new HandOverHead(2, word, (ushort)(1000 + (int)word));
            head.Write(room);
            Assert.Equal(head, HandOverHead.Read(room, new HandOverVersions(1, 3), out var failure, out var fault));
            Assert.Null(fault);
            Assert.Equal(HandOverFailure.None, failure);
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
            var head = HandOverHead.Read(bytes, new HandOverVersions(1, 1), out var failure, out var fault);
            var isOfThisVersion = bytes[3] == 1 || (HandOverWord)bytes[4] is HandOverWord.Ask or HandOverWord.Refused;
            Assert.Equal(fault is null, bytes.AsSpan().StartsWith("BWH"u8) && isOfThisVersion && Enum.IsDefined((HandOverWord)bytes[4]) && bytes[5] == 0);
            Assert.Equal(fault is null, failure == HandOverFailure.None);
            Assert.True(fault is null || head == default);
        }
    }

    // Release 0.1 sends these eight bytes, compares the version, and takes any number.
    [Fact]
    public void Question_IsOneThatZeroOneReads()
    {
        Assert.Equal(new HandOverQuestion(new HandOverVersions(1, 1), HandOverCapabilities.None), Read("BWH\u0001\u0001\0\0\0"u8));
        Assert.Equal(new HandOverQuestion(new HandOverVersions(2, 2), HandOverCapabilities.None), Read("BWH\u0002\u0001\0\0\0"u8));
        Assert.Equal(new HandOverQuestion(new HandOverVersions(1, 3), HandOverCapabilities.Reasons), Read("BWH\u0001\u0001\0\u0003\u0001"u8));
        Assert.Null(Read("BWH\u0003\u0001\0\u0002\0"u8));
        Assert.Null(Read("BWH\0\u0001\0\0\0"u8));
        Assert.Null(Read("BWH\u0001\u0004\0\0\0"u8));
        var bytes = new byte[HandOverHead.SizeBytes];
        new HandOverQuestion(HandOverVersions.Own, HandOverCapabilities.Reasons).Head.Write(bytes);
        Assert.Equal("BWH\u0001\u0001\0\u0001\u0001"u8, bytes);

        static HandOverQuestion? Read(ReadOnlySpan<byte> bytes) => HandOverQuestion.Of(HandOverHead.Read(bytes, HandOverVersions.Own, out _, out _));
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(1, 2, 1, 1, 1)]
    [InlineData(1, 3, 2, 2, 2)]
    [InlineData(1, 3, 2, 4, 3)]
    [InlineData(1, 1, 2, 2, null)]
    [InlineData(3, 4, 1, 2, null)]
    public void Version_IsTheNewestThatBothUnderstand(byte lowest, byte newest, byte otherLowest, byte otherNewest, int? common)
    {
        Assert.Equal(common, new HandOverVersions(lowest, newest).Common(new HandOverVersions(otherLowest, otherNewest)));
        Assert.Equal(common, new HandOverVersions(otherLowest, otherNewest).Common(new HandOverVersions(lowest, newest)));
    }

    [Fact]
    public void Refusal_ReadsWhatItWrote_AndNothingThatWouldSpoilALog()
    {
        foreach (var refusal in new HandOverRefusal[] { new(HandOverFailure.User, ""), new(HandOverFailure.Version, "version 2, this is 1"), new(HandOverFailure.Refused, "it closes its listening sockets") })
            Assert.Equal(refusal, HandOverRefusal.Of(refusal.ToBytes()));
        // A release to come may have reasons of its own.
        Assert.Equal(new HandOverRefusal(HandOverFailure.Refused, "later"), HandOverRefusal.Of("\u0063later"u8));
        var spoilt = HandOverRefusal.Of([2, .. "a\nb"u8, 0xff, 0x1b, .. new byte[400]]);
        Assert.DoesNotContain(spoilt.Text, char.IsControl);
        Assert.InRange(spoilt.Text.Length, 4, 300);
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
        Refused(right with { TimeProvider = null! }, "TimeProvider must not be null");
        Refused(right with { Path = "" }, "Path must be");
        Refused(right with { WaitTimeout = TimeSpan.Zero }, "WaitTimeout must be more than zero");
        Refused(right with { ReadyTimeout = TimeSpan.FromDays(100) }, "ReadyTimeout must be");
        Refused(right with { DrainTimeout = TimeSpan.FromSeconds(-5) }, "DrainTimeout must be zero or more");
    }
}
