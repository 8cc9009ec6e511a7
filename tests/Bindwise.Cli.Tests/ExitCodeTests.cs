using Bindwise.Rendering;

namespace Bindwise.Cli.Tests;

[Trait("Program", "both")]
public class ExitCodeTests
{
    [Theory]
    [InlineData(Verdict.Free, ExitCode.Success)]
    [InlineData(Verdict.Blocked, ExitCode.Negative)]
    [InlineData(Verdict.Undetermined, ExitCode.Undetermined)]
    public void Of_Verdict_IsItsCode(Verdict verdict, object code) => Assert.Equal(code, ExitCodes.Of(verdict));

    [Fact]
    public void Worst_AnyTwo_IsTheWorseWhicheverComesFirst()
    {
        ExitCode[] fromBadToGood = [ExitCode.Interrupted, ExitCode.Error, ExitCode.Undetermined, ExitCode.Negative, ExitCode.Success];
        for (var worse = 0; worse < fromBadToGood.Length; worse++)
        {
            for (var other = worse; other < fromBadToGood.Length; other++)
            {
                Assert.Equal(fromBadToGood[worse], ExitCodes.Worst(fromBadToGood[worse], fromBadToGood[other]));
                Assert.Equal(fromBadToGood[worse], ExitCodes.Worst(fromBadToGood[other], fromBadToGood[worse]));
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1:1001", 0)]
    [InlineData("127.0.0.1:1002", 1)]
    [InlineData("127.0.0.1:1003", 3)]
    [InlineData("--plain 127.0.0.1:1003", 1)]
    [InlineData("--plain 127.0.0.1:1001", 0)]
    [InlineData("127.0.0.1:1001 127.0.0.1:1002", 1)]
    [InlineData("127.0.0.1:1002 127.0.0.1:1003 127.0.0.1:1001", 3)]
    [InlineData("127.0.0.1:1001 127.0.0.1:70000 127.0.0.1:1003", 2)]
    [InlineData("", 3)]
    public void Why_Targets_EndsWithTheWorstOfTheirCodes(string targets, int code)
    {
        using var snapshots = new Snapshots();
        Assert.Equal(code, Bindwise.Run(["why", "--snapshot", snapshots.File, .. targets.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).ExitCode);
    }

    [Fact]
    public void Why_OneTargetAtFault_StillAnswersTheOthers()
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.Run("--quiet", "--snapshot", snapshots.File, "127.0.0.1:1001", "127.0.0.1:7", "127.0.0.1:1002");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(2, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("bindwise: the snapshot does not hold 127.0.0.1:7, only 127.0.0.1:1001, 127.0.0.1:1002, 127.0.0.1:1003", run.OneError);
    }
}
