using System.Buffers.Binary;
using System.Text;
using Bindwise.Linux.Native;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Native;

[Trait("Seed", "any")]
public sealed class DirectoryEntriesTests
{
    [Fact]
    public void Entries_AreTakenInOrder() => Assert.Equal([".", "..", "0", "12", "self"], Names([.. Entry("."), .. Entry(".."), .. Entry("0"), .. Entry("12"), .. Entry("self")]));

    [Fact]
    public void Numbers_LeaveOutEverythingElse() =>
        Assert.Equal([0, 12, 4194304], Numbers([.. Entry("."), .. Entry("0"), .. Entry("12"), .. Entry("1x"), .. Entry("+5"), .. Entry("-1"), .. Entry("99999999999"), .. Entry("4194304"), .. Entry("")]));

    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(25)]
    [InlineData(ushort.MaxValue)]
    public void Entry_OfImpossibleLength_EndsTheList(int length)
    {
        var entry = Entry("5");
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(16), (ushort)length);
        Assert.Empty(Names(entry));
    }

    [Fact]
    public void Entry_WithoutTheNulAtItsEnd_EndsTheList()
    {
        var entry = Entry("5");
        entry.AsSpan(19).Fill((byte)'5');
        Assert.Empty(Names(entry));
    }

    [Fact]
    public void Entries_OfArbitraryBytes_AreBounded() =>
        Prop.ForAll<byte[], ushort>((bytes, length) =>
        {
            byte[] all = [.. Entry("1"), .. bytes, .. Entry("2")];
            if (all.Length > 42)
                BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(40), length);
            return Names(all).Count <= all.Length / 20 && Numbers(all).Count <= all.Length / 20;
        }).Holds();

    private static byte[] Entry(string name)
    {
        var entry = new byte[(19 + name.Length + 1 + 7) / 8 * 8];
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(16), (ushort)entry.Length);
        Encoding.ASCII.GetBytes(name, entry.AsSpan(19));
        return entry;
    }

    private static List<string> Names(ReadOnlySpan<byte> bytes)
    {
        var names = new List<string>();
        var entries = new DirectoryEntries(bytes);
        while (entries.TryNext(out var name))
        {
            Assert.Equal(0, name[^1]);
            names.Add(Encoding.Latin1.GetString(name[..^1]));
        }

        return names;
    }

    private static List<int> Numbers(ReadOnlySpan<byte> bytes)
    {
        var numbers = new List<int>();
        var entries = new DirectoryEntries(bytes);
        while (entries.TryNextNumber(out _, out var number))
            numbers.Add(number);
        return numbers;
    }
}
