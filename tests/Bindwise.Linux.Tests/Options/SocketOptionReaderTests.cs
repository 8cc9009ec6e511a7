using System.Diagnostics;
using Bindwise.Linux.Native;
using Bindwise.Linux.Options;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Options;

public sealed class SocketOptionReaderTests
{
    private const ushort Port = 8080;

    [KernelTheory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    public void Options_OfAnOwnSocket_AreThoseThatWereSet(bool reuseAddress, bool reusePort, bool v6Only) => NetworkNamespace.Run(() =>
    {
        using var socket = RawSocket.Tcp(IpFamily.IPv6)
            .Set(1, 2, reuseAddress ? 1 : 0).Set(1, 15, reusePort ? 1 : 0).Set(41, 26, v6Only ? 1 : 0).Bind("::", Port);

        var read = SocketOptionReader.Read(Find(socket), new Holder(socket.Inode, Environment.ProcessId, socket.Descriptor), out var errno);

        Assert.Equal(Errno.None, errno);
        Assert.Equal((Of(reuseAddress), Of(reusePort), Of(v6Only)), (read.ReuseAddress, read.ReusePort, read.V6Only));
    });

    [KernelFact]
    public void Options_OfAnotherProcessesSocket_AreRead() => NetworkNamespace.Run(() =>
    {
        using var socket = RawSocket.Tcp().Set(1, 2, 1).BindToDevice("lo").Bind("127.0.0.1", Port).Listen();
        socket.KeepOnExec();
        using var child = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            var found = Find(socket);
            var holder = new Holder(socket.Inode, child.Id, socket.Descriptor);

            var read = SocketOptionReader.Read(found, holder, out var errno);

            Assert.Equal(Errno.None, errno);
            Assert.Equal(found with { ReuseAddress = Fact.Yes, ReusePort = Fact.No, ResetsOnClose = Fact.No, DeviceIndex = 1, IsMultipath = Fact.No }, read);

            Assert.Same(found, SocketOptionReader.Read(found, holder with { Descriptor = 0 }, out errno));
            Assert.NotEqual(Errno.None, errno);
            Assert.Same(found, SocketOptionReader.Read(found, holder with { Descriptor = 9999 }, out errno));
            Assert.Equal(Errno.EBADF, errno);

            // Root without its capabilities may not look into a root that has them.
            ThreadRights.DropCapabilities();
            Assert.Same(found, SocketOptionReader.Read(found, holder, out errno));
            Assert.Equal(Errno.EPERM, errno);
        }
        finally
        {
            child.Kill();
            child.WaitForExit();
        }
        _ = SocketOptionReader.Read(Find(socket), new Holder(socket.Inode, child.Id, socket.Descriptor), out var gone);
        Assert.Equal(Errno.ESRCH, gone);
    });

    [KernelFact]
    public void Descriptor_ThatIsAnotherSocketByNow_IsNotBelieved() => NetworkNamespace.Run(() =>
    {
        using var socket = RawSocket.TcpListener("127.0.0.1", Port);
        using var other = RawSocket.TcpListener("127.0.0.1", Port + 1, reuseAddress: true);

        var read = SocketOptionReader.Read(Find(socket), new Holder(socket.Inode, Environment.ProcessId, other.Descriptor), out var errno);

        Assert.Equal(Errno.ENOTSOCK, errno);
        Assert.Equal(Fact.Unknown, read.ReuseAddress);
    });

    private static Fact Of(bool value) => value ? Fact.Yes : Fact.No;

    private static HeldSocket Find(RawSocket socket)
    {
        Assert.Equal(Errno.None, SockDiagClient.TryOpen(out var client));
        using (client)
        {
            var sockets = new List<HeldSocket>();
            _ = client!.ReadAllStates(Port, sockets, out _, out _);
            return Assert.Single(sockets, candidate => candidate.Inode == socket.Inode);
        }
    }
}
