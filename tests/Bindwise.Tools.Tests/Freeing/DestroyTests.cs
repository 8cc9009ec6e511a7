using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using IsolatedProcess;

namespace Bindwise.Tools.Tests.Freeing;

/// <summary>What free --destroy ends is the very socket that it showed: another one that has its addresses by now has another cookie.</summary>
[SupportedOSPlatform("linux")]
public sealed class DestroyTests
{
    [IsolatedFact]
    public Task Destroy_ByTheCookieOfAnotherSocket_EndsNothing() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, 8080);
        using var server = await listener.AcceptTcpClientAsync();
        Assert.Equal(Errno.None, SockDiagClient.TryOpen(out var table));
        using (table)
        {
            var sockets = new List<HeldSocket>();
            Assert.True(table!.ReadEverything(sockets).IsComplete);
            var accepted = Assert.Single(sockets, static one => one.State == TcpSocketState.Established && one.Local.Port == 8080);
            Assert.Equal(Errno.ENOENT, table.Destroy(accepted with { Cookie = accepted.Cookie + 1 }));
            await client.GetStream().WriteAsync(new byte[] { 1 });
            Assert.Equal(1, await server.GetStream().ReadAsync(new byte[1]));
            Assert.Equal(Errno.None, table.Destroy(accepted));
        }
    });
}
