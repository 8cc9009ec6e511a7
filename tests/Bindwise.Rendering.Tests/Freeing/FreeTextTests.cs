using System.Buffers;
using System.Text.Json;
using Bindwise.Rendering.Freeing;
using Bindwise.Rendering.Tests.Json;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Freeing;

public class FreeTextTests
{
    private static readonly Lazy<JsonElement> Schema = new(() => JsonDocument.Parse(Repository.Read("docs/schema/free.schema.json")).RootElement);

    private static readonly string[] Results = ["planned", "done", "not-needed", "not-reached", "gone", "not-permitted", "failed"];

    private static FreePlan Plan(params IEnumerable<FreeAction> actions) => new() { Name = "8080/tcp", Diagnosis = Samples.All["listener"], Actions = [.. actions] };

    private static FreeAction Term(int pid, bool isFollowUp = false) =>
        new()
        {
            Kind = FreeActionKind.Signal,
            Text = $"send SIGTERM to a\u001b[2Jb (pid {pid})",
            Process = new ProcessRecord { Id = pid },
            Inode = 7,
            Signal = "SIGTERM",
            IsFollowUp = isFollowUp,
        };

    [Fact]
    public void Json_EveryOutcomeKindAndResult_KeepsToTheSchema()
    {
        var checker = new SchemaChecker(Schema.Value);
        foreach (var outcome in Enum.GetValues<FreeOutcome>())
        {
            var actions = Enum.GetValues<FreeActionKind>().Select(static kind => new FreeAction
            {
                Kind = kind,
                Text = "x",
                Unit = "a.service",
                Container = "web",
                Signal = "SIGTERM",
            }).Append(Term(7));
            var result = new FreeResult
            {
                Outcome = outcome,
                Reason = outcome == FreeOutcome.Freed ? null : "still-held",
                Explanation = outcome == FreeOutcome.Failed ? "It is still held." : null,
                Steps = [.. actions.SelectMany(static action => Results.Select(result => new FreeStep
                {
                    Action = action,
                    Result = result,
                    Detail = result == "failed" ? "no" : null,
                }))],
                Diagnosis = Samples.All["listener"] with { Verdict = (Verdict)((int)outcome % 3) },
            };
            Assert.Empty(checker.Check(Write(result)));
        }
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Plan_OfManyWorkers_NamesThemInOneLine()
    {
        var lines = Text(FreeText.Plan(Plan([Term(100), .. Enumerable.Range(101, 20).Select(static pid => Term(pid, isFollowUp: true))]), isCertain: false, new TextOptions()));
        Assert.Equal(3, lines.Length);
        Assert.Contains("the 20 processes that share the socket (pid 101, 102, 103, 104, 105, 106, 107, 108, …)", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(80)]
    public void Text_OfHostileNames_IsEscapedAndWrapped(int width)
    {
        var plan = Plan(Term(7), Term(8, isFollowUp: true)) with
        {
            Notes = ["d\u202e starts it again."],
            Refusal = new()
            {
                Reason = "other-user",
                Text = "x\n\u001b]0;y\u0007 belongs to another user.",
            }
        };
        var result = new FreeResult { Outcome = FreeOutcome.Failed, Reason = "still-held", Explanation = "It \u001b[2J is still held.", Diagnosis = plan.Diagnosis };
        var lines = FreeText.Plan(plan, isCertain: true, new TextOptions(width))
            .AddRange(FreeText.Steps([new FreeStep { Action = Term(7), Result = "failed", Detail = "\u001b[1m" }], new TextOptions(width)))
            .AddRange(FreeText.End(result, plan.Name, new TextOptions(width)));
        Assert.All(Text(lines), line => Assert.True(line.Length <= width && !line.Any(char.IsControl) && !line.Contains('\u202e', StringComparison.Ordinal), line));
        Assert.DoesNotContain(FreeText.Separately(Term(7), isOnly: false), char.IsControl);
    }

    [Fact]
    public void Step_ThatWasNotNeeded_IsNotTold() => Assert.Empty(FreeText.Steps([new FreeStep { Action = Term(7), Result = "not-needed" }], new TextOptions()));

    [Fact]
    public void Steps_OfManySocketsWithoutAProcess_AreOneLineForEachResult()
    {
        static FreeStep Destroyed(int number, string result) => new() { Action = new FreeAction { Kind = FreeActionKind.DestroySocket, Text = $"destroy the socket {number}" }, Result = result };

        var lines = Text(FreeText.Steps([new FreeStep { Action = Term(7), Result = "done" }, .. Enumerable.Range(1, 300).Select(static n => Destroyed(n, "done")), Destroyed(301, "gone")], new TextOptions()));

        Assert.Equal(["  done  destroy the socket 1, and the same with 299 others", "  gone  not needed any more: destroy the socket 301"], lines[1..]);
    }

    // The plan's first line says that a target is free already, unless it became free after that.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void End_OfWhatWasFreeAlready_IsToldOnlyAfterAPlan(int actions)
    {
        var free = new FreeResult { Outcome = FreeOutcome.AlreadyFree, Diagnosis = Samples.All["listener"] with { Verdict = Verdict.Free } };
        var lines = Text(FreeText.End(
            free with { Steps = [.. Enumerable.Repeat(new FreeStep { Action = Term(7), Result = "not-needed" }, actions)] }, "8080/tcp", new TextOptions(80)));
        Assert.Equal(Enumerable.Repeat("8080/tcp is free.", actions), lines);
    }

    [Fact]
    public void End_OfWhatIsFree_IsOneLine() =>
        Assert.Equal(["8080/tcp is free."], Text(FreeText.End(new FreeResult { Outcome = FreeOutcome.Freed, Diagnosis = Samples.All["listener"] with { Verdict = Verdict.Free } }, "8080/tcp", new TextOptions(80))));

    [Theory]
    [InlineData("not-needed", true)]
    [InlineData("done", false)]
    public void End_NamesAParentThatMayRestartItLater(string result, bool isNamed)
    {
        var parent = Term(7) with { IsIfTakenAgain = true, Process = new ProcessRecord { Id = 7, Name = "keeper", Executable = "/usr/bin/keeper" } };
        var freed = new FreeResult { Outcome = FreeOutcome.Freed, Diagnosis = Samples.All["listener"] with { Verdict = Verdict.Free }, Steps = [new FreeStep { Action = parent, Result = result }] };

        var lines = Text(FreeText.End(freed, "8080/tcp", new TextOptions(80)));

        Assert.Equal(isNamed ? ["8080/tcp is free.", "  note  If it comes back, keeper (pid 7) restarts it; stop that too: kill 7"] : ["8080/tcp is free."], lines);
    }

    private static string[] Text(IEnumerable<TextLine> lines) => [.. lines.Select(static line => line.ToString())];

    private static JsonElement Write(FreeResult result)
    {
        var buffer = new ArrayBufferWriter<byte>();
        FreeJson.Write(buffer, result);
        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }
}
