using Bindwise.Cli.Output;
using Bindwise.Cli.Verbs;
using Bindwise.Model.Inspecting;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Tests;

[Trait("Program", "both")]
public class WhyRunTests
{
    [Fact]
    public void Why_SnapshotWithoutTheNameThatIsAsked_SaysSoAndAnswersTheOthers()
    {
        using var snapshots = new Snapshots();
        SnapshotFile file;
        using (var stream = File.OpenRead(snapshots.File))
            file = SnapshotFile.Read(stream).Value!;
        var unnamed = new SnapshotEntry(new Target { Text = "db.example:1001", Protocol = Protocol.Tcp, Host = "db.example", Port = 1001 }, file.Entries[0].Snapshot);
        var path = Path.Combine(snapshots.Folder, "unnamed.json");
        using (var stream = File.Create(path))
            SnapshotFile.Write(stream, file with { Entries = [unnamed, file.Entries[1]] });

        var run = Bindwise.Run("why", "--snapshot", path, "-q");

        Assert.Equal((2, "bindwise: the snapshot does not hold what db.example:1001 asks about"), (run.ExitCode, run.OneError));
        Assert.StartsWith("127.0.0.1:1002", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_FaultOfThisProgram_IsNotLaidAtTheSnapshotsDoor()
    {
        using var snapshots = new Snapshots();
        using var errors = new MemoryStream();
        var request = new WhyRequest { Question = new PortQuery { Target = WhyRequest.NoTarget }, Snapshot = snapshots.File };

        Assert.Throws<ArgumentException>(() => new WhyRun(request, new AnswerStream(new FaultyStream()), new ErrorLines(errors)).Answer(CancellationToken.None));
        Assert.Equal(0, errors.Length);
    }

    /// <summary>Throws what a mistake in this program throws.</summary>
    private sealed class FaultyStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new ArgumentException("a mistake");
    }
}
