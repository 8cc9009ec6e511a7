using System.Globalization;
using System.Text;
using Bindwise.Linux.Processes;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>The texts that /proc shows for a descriptor: its link and its fdinfo.</summary>
[Trait("Seed", "any")]
public sealed class DescriptorTextTests
{
    [Theory]
    [InlineData("socket:[12345]", 12345ul)]
    [InlineData("socket:[18446744073709551615]", ulong.MaxValue)]
    [InlineData("socket:[0]", 0ul)]
    public void Link_OfASocket_GivesItsInode(string link, ulong inode)
    {
        Assert.True(SocketLink.TryParse(Encoding.UTF8.GetBytes(link), out var parsed));
        Assert.Equal(inode, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("socket:[")]
    [InlineData("socket:[]")]
    [InlineData("socket:[+1]")]
    [InlineData("socket:[-1]")]
    [InlineData("socket:[1")]
    [InlineData("socket:[1]x")]
    [InlineData("socket:[1 ]")]
    [InlineData("socket:[18446744073709551616]")]
    [InlineData("/tmp/socket:[1]")]
    [InlineData("pipe:[12345]")]
    [InlineData("anon_inode:[eventpoll]")]
    public void Link_OfSomethingElse_IsLeftOut(string link) => Assert.False(SocketLink.TryParse(Encoding.UTF8.GetBytes(link), out _));

    [Fact]
    public void Link_OfAnyInode_FitsTheBufferAndIsReadBack() =>
        Prop.ForAll<ulong>(inode =>
        {
            var link = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]"));
            return link.Length < SocketLink.SizeBytes && SocketLink.TryParse(link, out var parsed) && parsed == inode;
        }).Holds();

    [Fact]
    public void Link_OfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => SocketLink.TryParse([.. "socket:["u8, .. bytes, (byte)']'], out _) || true).Holds();

    [Theory]
    [InlineData("pos:\t0\nflags:\t02000002\nmnt_id:\t9\nino:\t1\n", true)]
    [InlineData("pos:\t0\nflags:\t02\nmnt_id:\t9\n", false)]
    [InlineData("flags:\t02004002\n", true)]
    [InlineData("pos:\t0\n", null)]
    [InlineData("pos:\t0\nflags:\t", null)]
    [InlineData("pos:\t0\nflags:\t0200000", null)]
    [InlineData("pos:\t0\nflags:\t09\n", null)]
    [InlineData("pos:\t0\nflags:\t777777777777777777777777777\n", null)]
    [InlineData("myflags:\t02000000\n", null)]
    [InlineData("", null)]
    public void Info_TellsCloseOnExec(string info, bool? closeOnExec) => Assert.Equal(closeOnExec, DescriptorInfo.CloseOnExec(Encoding.ASCII.GetBytes(info)));

    [Theory]
    [InlineData("pos:\t0\nino:\t5\nscm_fds: 3\n", 3)]
    [InlineData("scm_fds: 0\n", 0)]
    [InlineData("pos:\t0\n", null)]
    [InlineData("scm_fds: 3", null)]
    [InlineData("scm_fds: -3\n", null)]
    [InlineData("scm_fds: 99999999999\n", null)]
    [InlineData("scm_fds: x\n", null)]
    public void Info_OfAUnixSocket_TellsWhatWaitsInIt(string info, int? count) =>
        Assert.Equal(count, DescriptorInfo.WaitingDescriptors(Encoding.ASCII.GetBytes(info)));

    [Theory]
    [InlineData("SqMask:\t0x7\nUserFiles:\t3\n    0: socket:[11]\n    1: /tmp/socket:[12]\n   12: socket:[13]\nUserBufs:\t0\n    0: socket:[14]\n", new ulong[] { 11, 13 })]
    [InlineData("    0: socket:[11]\n", new ulong[0])]
    [InlineData("UserFiles:\t0\nUserBufs:\t0\n", new ulong[0])]
    [InlineData("UserFiles:\t1\n    0: socket:[11", new ulong[0])]
    [InlineData("UserFiles:\t1\n    0 socket:[11]\n\n : socket:[12]\n", new ulong[0])]
    public void Info_OfARing_TellsItsSockets(string info, ulong[] inodes) =>
        Assert.Equal(inodes, DescriptorInfo.RegisteredSockets(Encoding.ASCII.GetBytes(info)));

    [Fact]
    public void Info_OfARingOfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => DescriptorInfo.RegisteredSockets([.. "UserFiles:\n "u8, .. bytes]).Count <= bytes.Length).Holds();

    [Fact]
    public void Info_OfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => DescriptorInfo.CloseOnExec([.. "flags:\t"u8, .. bytes, (byte)'\n']) is var closeOnExec && (closeOnExec is null || bytes.Contains((byte)0x0a) || bytes.All(b => b is >= 0x30 and <= 0x37))).Holds();

    [Fact]
    public void Inodes_LookedFor_AreThoseGivenWithoutZero() =>
        Prop.ForAll<ulong[], ulong>((inodes, other) =>
        {
            var set = new InodeSet(inodes);
            return !set.Contains(0)
                && inodes.All(inode => set.Contains(inode) == (inode != 0))
                && set.Contains(other) == (other != 0 && inodes.Contains(other))
                && set.Without(inodes).Count == 0
                && set.Count == inodes.Where(inode => inode != 0).Distinct().Count();
        }).Holds();

    [Fact]
    public void Inodes_OfANumberThatIsSearchedByHalves_AreFound()
    {
        var set = new InodeSet(Enumerable.Range(1, 100).Select(value => (ulong)value * 3));
        Assert.All(Enumerable.Range(1, 300), value => Assert.Equal(value % 3 == 0, set.Contains((ulong)value)));
    }
}
