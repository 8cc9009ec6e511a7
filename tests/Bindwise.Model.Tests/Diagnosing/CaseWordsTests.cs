using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>The answer speaks of the case at hand, and not of what is next to it.</summary>
public sealed class CaseWordsTests
{
    private static readonly Target Path = new() { Text = "/run/x.sock", Protocol = Protocol.Unix, Path = "/run/x.sock" };

    private static Diagnosis Ask(Snapshot snapshot, Target? target = null) => Diagnoser.Diagnose(target ?? PortTarget(), ProgramOptions.None, snapshot);

    [Fact]
    public void AbstractName_IsFreeWithoutAWordOfPorts()
    {
        var answer = Ask(With(), new Target { Text = "@app", Protocol = Protocol.Unix, Path = "@app" });

        Assert.Equal(Verdict.Free, answer.Verdict);
        Assert.Equal("BW052", answer.Rule!.Id.Value);
        Assert.All(answer.Why, static sentence => Assert.DoesNotContain("port", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void FileThatIsNoSocket_IsNotCalledLeftBehind()
    {
        var host = With() with { UnixPath = new UnixPathRecord { Path = "/run/x.sock", Exists = true, Kind = "file" } };

        Assert.Equal("bind() creates the socket's file, so nothing may exist at the path.", Ask(host, Path).Why[0]);
    }

    [Fact]
    public void DeviceBoundListener_IsNotSaidToCoverEveryInterface()
    {
        var socket = SocketLine.Held("tcp 0.0.0.0 LISTEN") with { DeviceIndex = 1 };

        Assert.EndsWith("listens on 0.0.0.0:8080, on interface lo only.", Ask(Of(socket).HeldBy(Process(5, "srv"))).Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("0.0.0.0", true)]
    public void V6OnlyAtTheHolder_IsAdvisedOnlyWhereItFreesWhatWasAsked(string? host, bool isAdvised)
    {
        var held = SocketLine.Held("tcp :: LISTEN") with { V6Only = Fact.No };
        var answer = Ask(Of(held).HeldBy(Process(5, "srv")), PortTarget(host));

        Assert.Equal(Cause.DualStackListener, answer.Cause);
        Assert.Equal(isAdvised, answer.Remedies.Any(static r => r.Id == "set-v6-only"));
    }
}
