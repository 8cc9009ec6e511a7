namespace Bindwise.Packages.Tests.Reach;

/// <summary>
/// An application that listens carries nothing that acts on the processes and sockets of others: those packages have no public type for it, and no call
/// from their public members leads to the system calls.
/// </summary>
public sealed class ReachTests
{
    private static readonly string[] OfApplications = ["Bindwise", "Bindwise.AspNetCore", "Bindwise.Extensions.Hosting"];

    // pidfd_send_signal(2), kill(2) of a group, SOCK_DESTROY, and .NET's own.
    public static TheoryData<string, string> Acts => new()
    {
        { "Bindwise.Linux.Native.PidFdSignal", "Send" },
        { "Bindwise.Linux.Native.SignalCall", "SendToGroup" },
        { "Bindwise.Linux.SockDiag.SockDiagClient", "Destroy" },
        { "System.Diagnostics.Process", "Kill" },
        { "System.Diagnostics.Process", "Start" },
    };

    private static readonly Lazy<CallGraph> Applications = new(static () => new CallGraph(OfApplications));

    private static readonly Lazy<CallGraph> Tools = new(static () => new CallGraph("Bindwise.Tools"));

    [Theory]
    [MemberData(nameof(Acts))]
    public void Act_IsReachedByNoPublicMember_OfWhatApplicationsUse(string type, string method) => Assert.Empty(Applications.Value.WayTo(type, method));

    // kill(2) by a number, which its docstring allows for a child that was not waited for.
    [Fact]
    public void Kill_ReachesTheChildrenOfAChildServerAlone() =>
        Assert.Equal(["Bindwise.ChildProcess"], Applications.Value.CallersOf("Bindwise.Linux.Native.SignalCall", "SendToChild"));

    // The graph goes deep enough to find what there is.
    [Theory]
    [InlineData("Bindwise.Linux.Native.PidFdSignal", "Send")]
    [InlineData("Bindwise.Linux.SockDiag.SockDiagClient", "Destroy")]
    [InlineData("System.Diagnostics.Process", "Start")]
    public void Act_IsReached_FromTheTools(string type, string method)
    {
        Assert.NotEmpty(Tools.Value.WayTo(type, method));
        Assert.InRange(Applications.Value.Count, 1000, int.MaxValue);
    }

    [Fact]
    public void Types_ThatAct_AreInThePackageOfTools()
    {
        string[] acting = ["FreeRequest", "PortPicker", "PortRelease"];
        Assert.Empty(acting.Except(Shipped.Assembly("Bindwise.Tools").GetExportedTypes().Select(static type => type.Name)));
        Assert.All(OfApplications, package =>
        {
            Assert.Empty(Shipped.Assembly(package).GetExportedTypes().Select(static type => type.Name).Intersect(acting));
            Assert.DoesNotContain(Shipped.Assembly(package).GetReferencedAssemblies(), static one => one.Name == "Bindwise.Tools");
        });
    }
}
