using Bindwise.Model.Diagnosing;

namespace Bindwise.Model.Tests.Diagnosing;

public sealed class PastAnswerTests
{
    [Theory]
    [InlineData("kill 109", false)]
    [InlineData("sudo kill -INT 77", false)]
    [InlineData("fish -c 'kill 109'", false)]
    [InlineData("bindwise why 8080 --netns 109", false)]
    [InlineData("grep TracerPid /proc/109/status", false)]
    [InlineData("rm -- /run/app.sock", false)]
    [InlineData("sudo rm -- /run/app.sock", false)]
    [InlineData("sudo systemctl stop shop-109.service", true)]
    [InlineData("sudo sysctl -w net.ipv4.tcp_tw_reuse=1", true)]
    [InlineData("sudo ss -K 'sport = :1090'", true)]
    [InlineData(null, true)]
    public void Remedies_OfThen_NameNoProcess(string? command, bool isTold)
    {
        var remedies = PastAnswer.Remedies(Answer with { Remedies = [new Remedy("step", "Do it.", command, "nothing", "none")] });
        Assert.Equal(isTold, !remedies.IsEmpty);
    }

    [Fact]
    public void Snapshot_ToldLater_HasItsDateFirst()
    {
        var told = PastAnswer.OfSnapshot(Answer with { Limits = [Remark.Of("partial", "Not all.")] });
        Assert.Equal(["from-snapshot", "partial"], told.Limits.Select(static limit => limit.Id));
        Assert.Equal("From a snapshot taken at 2026-07-01 16:02:30 +02:00: it tells how things were then, where it was taken.", told.Limits[0].Text);
    }

    private static Diagnosis Answer => new()
    {
        Target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 },
        Verdict = Verdict.Blocked,
        Cause = Cause.Listener,
        Summary = "8080/tcp is taken",
        TakenAt = new DateTimeOffset(2026, 7, 1, 16, 2, 30, TimeSpan.FromHours(2)),
        Processes = [new ProcessRecord { Id = 1, Name = "systemd" }, new ProcessRecord { Id = 109, Name = "python3" }],
    };
}
