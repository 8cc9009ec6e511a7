using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Lab.Kernel.Tests.Simulation;
using Xunit.Abstractions;

namespace Bindwise.Lab.Kernel.Tests.Recording;

/// <summary>The kernel's record, seen by the tracepoint and a packet socket, against the model's: states, segments and tables, step by step.</summary>
[Collection(AloneCollection.Name)]
public sealed class RecordTests(ITestOutputHelper output)
{
    private static readonly Dictionary<ushort, string> Ports = new() { [8080] = "server", [9000] = "client" };

    private const string Connection = "l = tcp 127.0.0.1:8080 listen\nc = tcp 127.0.0.1:9000 connect l\ns = accept l\n";

    [KernelTheory]
    [InlineData("close c; close s")]
    [InlineData("close s; close c; close l")]
    [InlineData("send c 5; receive s 5; close c; close s")]
    [InlineData("send c 5; close s")]
    [InlineData("abort c")]
    [InlineData("shutdown c write; send s 7; receive c 7; close s; close c")]
    [InlineData("shutdown c both; shutdown s both")]
    [InlineData("close l; close c")]
    [InlineData("d = tcp connect 127.0.0.1:9999")]
    [InlineData("disconnect c")]
    public async Task Record_OfAConnection_IsTheSameOnModelAndKernel(string end)
    {
        var play = await Task.Run(() => Recorded.PlayInTime(Connection + end, Ports));

        Assert.Null(play.Result.Error);
        output.WriteLine(play.Kernel!.Means);
        output.WriteLine(Recorded.Text(play.Kernel!, Ports));
        Assert.Equal(Recorded.Text(play.Model!, Ports), Recorded.Text(play.Kernel!, Ports));
        Assert.Equal(Recorded.Tables(play.Model!, Ports), Recorded.Tables(play.Kernel!, Ports));
    }
}
