using System.Globalization;
using System.Text;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Processes;

[Trait("Seed", "any")]
public sealed class StatLineTests
{
    private const string Rest = "S 10 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 200 18446744073709551615\n";

    [Theory]
    [InlineData("nginx")]
    [InlineData("a b")]
    [InlineData(") R 1 2 3")]
    [InlineData("((()))")]
    [InlineData("x\ny")]
    [InlineData("")]
    public void Line_WhateverTheName_IsCountedFromTheLastParenthesis(string name)
    {
        Assert.True(StatLine.TryParse(Encoding.UTF8.GetBytes($"4021 ({name}) {Rest}"), out var stat));
        Assert.Equal(new StatLine { Name = name, State = 'S', ParentId = 10, GroupId = 20, SessionId = 30, Terminal = 34816, ForegroundGroupId = 4021, StartTicks = 987654, HasReapedChildren = true }, stat);
        Assert.True(StatLine.TryParse(Encoding.UTF8.GetBytes($"4021 ({name}) {Rest.Replace("4194304 1 2 3", "4194304 1 0 3", StringComparison.Ordinal)}"), out stat));
        Assert.False(stat.HasReapedChildren);
    }

    [Fact]
    public void Line_WithBytesThatAreNotUtf8_KeepsThemAsEscapes()
    {
        Assert.True(StatLine.TryParse([.. "7 (a"u8, 0xff, .. "b\\) "u8, .. Encoding.ASCII.GetBytes(Rest)], out var stat));
        Assert.Equal("a\\xffb\\", stat.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 (a)")]
    [InlineData("1 (a) S")]
    [InlineData("1 (a) S ")]
    [InlineData("1 )a( S 1 2 3")]
    [InlineData("1 (a) 5 10 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1")]
    [InlineData("1 (a) S x 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1")]
    [InlineData("1 (a) S 99999999999 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1")]
    [InlineData("1 (a) S 10 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0")]
    [InlineData("1 (a) S 10 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 ")]
    [InlineData("1 (a) S 10 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 -5 1")]
    [InlineData("1 (a) S 10 20 30 34816 4021 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98x 1")]
    [InlineData("1 (a) S 10 20 30 34816 4021  4194304 1 2 3 4 5 6 7 8 20 0 1 987654 1")]
    public void Line_CutOffOrDistorted_IsRefused(string line) => Assert.False(StatLine.TryParse(Encoding.UTF8.GetBytes(line), out _));

    [Theory]
    [InlineData('Z', true)]
    [InlineData('X', true)]
    [InlineData('T', false)]
    [InlineData('R', false)]
    public void Line_OfTheDead_IsToldFromTheLiving(char state, bool isDead)
    {
        Assert.True(StatLine.TryParse(Encoding.UTF8.GetBytes("1 (a) " + state + Rest[1..]), out var stat));
        Assert.Equal(isDead, stat.IsDead);
    }

    [Fact]
    public void Line_OfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => StatLine.TryParse(bytes, out _) || true).Holds();

    [Fact]
    public void Line_OfArbitraryNamesAndNumbers_IsReadBack() =>
        Prop.ForAll<byte[], ushort, ulong>((name, parent, ticks) =>
        {
            var tail = string.Create(CultureInfo.InvariantCulture, $") T {parent} 2 3 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {ticks} 0 0\n");
            return StatLine.TryParse([.. "12 ("u8, .. name, .. Encoding.ASCII.GetBytes(tail)], out var stat)
                && stat.ParentId == parent && stat.StartTicks == ticks && stat.State == 'T';
        }).Holds();

    [Theory]
    [InlineData(34816, "pts/0")]
    [InlineData(34819, "pts/3")]
    [InlineData(0x8900, "pts/256")]
    [InlineData(1025, "tty1")]
    [InlineData(1088, "ttyS0")]
    [InlineData(0, null)]
    [InlineData(1281, null)] // /dev/console
    [InlineData(-1, null)]
    public void Terminal_IsNamedByItsNumber(int device, string? name) => Assert.Equal(name, TerminalName.Of(device));
}
