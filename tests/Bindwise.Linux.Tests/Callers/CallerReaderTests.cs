using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Callers;

public sealed class CallerReaderTests
{
    [KernelFact]
    public void Root_InItsOwnNamespace_MayBindPrivilegedPorts() => NetworkNamespace.Run(() =>
    {
        var caller = CallerReader.Read(new UserNames("root:x:0:0:::\n"u8.ToArray()));

        Assert.Equal((0u, "root", Environment.ProcessId), (caller.UserId, caller.UserName, caller.ProcessId));
        Assert.Equal(Fact.Yes, caller.MayBindPrivilegedPorts);
    });

    [KernelFact]
    public void Capability_TakenAway_CountsNoMore() => NetworkNamespace.Run(() =>
    {
        ThreadRights.DropCapabilities();

        var caller = CallerReader.Read(null);

        Assert.Equal((Fact.No, Fact.No), (caller.MayBindPrivilegedPorts, caller.MayReadEveryProcess));
        Assert.Null(caller.UserName);
        using var socket = RawSocket.Tcp();
        Assert.Equal(Linux.Native.Errno.EACCES, socket.TryBind("127.0.0.1", 80));
    });
}
