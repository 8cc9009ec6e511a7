using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Netlink;

/// <summary>A socket to the kernel after an answer that was not read to its end.</summary>
public sealed class NetlinkSocketTests
{
    private const ushort Port = 8080;

    [KernelFact]
    public void Exchange_AfterAnAnswerThatWasLeft_NeverTellsOfAnotherNamespace() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        Assert.Equal(Errno.None, SockDiagClient.TryOpen(out var client));
        using (client)
        {
            Assert.Throws<InvalidOperationException>(() => Leave(client!));
            Assert.Equal((DumpStatus.Complete, Errno.None, listener.Inode), Ask(client!));

            Assert.Throws<InvalidOperationException>(() => Leave(client!));
            NetworkNamespace.Run(() =>
            {
                using var other = RawSocket.TcpListener("127.0.0.1", Port);
                Assert.Equal((DumpStatus.Failed, Errno.EXDEV, 0ul), Ask(client!));
            });
            Assert.Equal((DumpStatus.Complete, Errno.None, listener.Inode), Ask(client!));
        }
    });

    private static (DumpStatus Status, Errno Errno, ulong Inode) Ask(SockDiagClient client)
    {
        var sockets = new List<HeldSocket>();
        var outcome = client.ReadListeners(Port, sockets);
        return (outcome.Status, outcome.Errno, sockets.SingleOrDefault()?.Inode ?? 0);
    }

    private static void Leave(SockDiagClient client)
    {
        var visitor = default(Leaving);
        _ = client.WalkTcp(ref visitor);
    }

    private readonly struct Leaving : IMessageVisitor
    {
        public void Visit(in NetlinkMessage message) => throw new InvalidOperationException("it is left here");

        public void Restart()
        {
        }
    }
}
