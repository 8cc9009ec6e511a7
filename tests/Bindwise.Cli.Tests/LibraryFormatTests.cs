using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Tests;

/// <summary>What the library makes of a diagnosis is what the program prints, byte for byte.</summary>
public sealed class LibraryFormatTests
{
    [Theory]
    [InlineData(Detail.Quiet, "--quiet")]
    [InlineData(Detail.Normal)]
    [InlineData(Detail.Verbose, "--verbose")]
    public void ToText_IsWhatWhyPrints(Detail detail, params string[] options) => ForEach(options, (diagnosis, printed) =>
        Assert.Equal(printed, diagnosis.ToText(detail, width: null) + "\n"));

    [Fact]
    public void ToJson_IsWhatWhyPrints() => ForEach(["--json"], static (diagnosis, printed) => Assert.Equal(printed, diagnosis.ToJson() + "\n"));

    private static void ForEach(string[] options, Action<Diagnosis, string> check)
    {
        using var snapshots = new Snapshots();
        using var stream = File.OpenRead(snapshots.File);
        var file = SnapshotFile.Read(stream).Value!;
        Assert.Equal(3, file.Entries.Length);
        Assert.All(file.Entries, entry => check(
            PastAnswer.OfSnapshot(Diagnoser.Diagnose(entry.Target, file.Options, entry.Snapshot)),
            Bindwise.Run(["why", entry.Target.Text, "--snapshot", snapshots.File, .. options]).Output));
    }
}
