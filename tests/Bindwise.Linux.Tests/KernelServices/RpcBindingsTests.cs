using Bindwise.Linux.KernelServices;

namespace Bindwise.Linux.Tests.KernelServices;

public sealed class RpcBindingsTests
{
    // What rpcbind 1.2.6 answers to RPCBPROC_DUMP: its own first bindings, then those of nlockmgr (100021); some of its own are cut out.
    private const string Captured =
        "62774257000000010000000000000000000000000000000000000001000186a0000000040000000474637036000000083a3a2e302e31313100000009737570657275736572000000"
        + "00000001000186a00000000400000003746370000000000d302e302e302e302e302e31313100000000000009737570657275736572000000"
        + "00000001000186a000000004000000056c6f63616c000000000000112f72756e2f72706362696e642e736f636b00000000000009737570657275736572000000"
        + "00000001000186b50000000400000003746370000000000f302e302e302e302e3136332e3134330000000009737570657275736572000000"
        + "00000001000186b50000000400000003756470000000000e302e302e302e302e3134362e3132000000000009737570657275736572000000"
        + "00000001000186b50000000400000004746370360000000a3a3a2e3136332e313434000000000009737570657275736572000000"
        + "00000000";

    [Theory]
    [InlineData(Protocol.Tcp, "41871 41872")]
    [InlineData(Protocol.Udp, "37388")]
    public void Parse_AnswerOfRpcbind_TellsThePortsOfTheLockManager(Protocol protocol, string ports)
    {
        var services = new List<KernelService>();
        RpcBindings.Parse(Convert.FromHexString(Captured), protocol, services);
        Assert.Equal(ports, string.Join(' ', services.Select(static s => s.Port)));
        Assert.All(services, static s => Assert.Equal(KernelServiceKind.NfsLocks, s.Kind));
    }

    [Fact]
    public void Parse_BytesCutOrChangedAnywhere_NeverThrows()
    {
        var whole = Convert.FromHexString(Captured);
        for (var i = 0; i <= whole.Length; i++)
        {
            var services = new List<KernelService>();
            RpcBindings.Parse(whole.AsSpan(0, i), Protocol.Tcp, services);
            var changed = (byte[])whole.Clone();
            if (i < changed.Length)
                changed[i] ^= 0xff;
            RpcBindings.Parse(changed, Protocol.Tcp, services);
            Assert.True(services.Count <= 8);
        }
    }
}
