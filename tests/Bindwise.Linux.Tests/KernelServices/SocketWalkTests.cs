using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.KernelServices;

public sealed class SocketWalkTests
{
    private static readonly SocketLayout Layout = new() { OpenedByKernel = (500, 1), Reuse = (19, 0), ReusePort = (19, 4) };

    [Theory]
    [InlineData("1c045f 2 0 0 vxlan_rcv [vxlan]", Fact.Yes, Fact.No, Fact.No, "vxlan_rcv", "vxlan")]
    [InlineData("1c045f 2 0 0 vxlan_rcv", Fact.Yes, Fact.No, Fact.No, "vxlan_rcv", null)]
    [InlineData("7 0 11 11 sock_def_readable", Fact.No, Fact.Yes, Fact.Yes, null, null)]
    [InlineData("7 1 10 10 0x0", Fact.No, Fact.No, Fact.Yes, null, null)]
    public void Parse_Line_IsARecord(string line, Fact kernel, Fact reuse, Fact reusePort, string? handler, string? module)
    {
        var record = Assert.Single(SocketWalk.Parse(line + "\n", Layout));
        Assert.Equal((kernel, reuse, reusePort, handler, module), (record.OpenedByKernel, record.ReuseAddress, record.ReusePort, record.Handler, record.Module));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0 2 0 0 vxlan_rcv")]
    [InlineData("1 2 3")]
    [InlineData("x y z 0 vxlan_rcv")]
    [InlineData("11111111111111111 0 0 0 f")]
    public void Parse_LineOfAnotherForm_IsLeftOut(string line) => Assert.Empty(SocketWalk.Parse(line, Layout));

    [TaskFileFact]
    public void Layout_OfThisKernel_IsComplete()
    {
        var layout = SocketLayout.Read(File.ReadAllBytes("/sys/kernel/btf/vmlinux"));
        Assert.NotNull(layout);
        Assert.True(layout is { Functions: { Tcp: > 0, Udp: > 0 }, Port: > 0, Cookie: > 0, DataReady: > 0, Encapsulation: > 0 });
    }

    [Fact]
    public void Layout_OfNoTypes_IsNull() => Assert.Null(SocketLayout.Read("no types"u8));
}
