using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Bindwise.Model.Text;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Text;

/// <summary>The default answer: one screen, nothing twice, and what is to be copied whole.</summary>
public sealed partial class ShortAnswerTests
{
    private static readonly string[] Labels = ["", "as", "why", "who", "next", "or", "note", "limit", "bug", "more"];
    private static readonly int?[] Widths = [20, 30, 39, 40, 60, 80, 120, null];

    public static TheoryData<string> Names() => [.. Samples.All.Keys];

    public static TheoryData<string, int?> NamesAndWidths()
    {
        var rows = new TheoryData<string, int?>();
        foreach (var name in Samples.All.Keys)
        {
            foreach (var width in Widths)
                rows.Add(name, width);
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Sample_FitsOneScreen(string sample)
    {
        Assert.InRange(Lines(sample, 80).Length, 2, 14);
        if (Samples.All[sample].Cause == Cause.TimeWait)
            Assert.InRange(Lines(sample, 60).Length, 2, 12);
    }

    [Fact]
    public void Render_MoreThanAScreen_KeepsTheFirstStepAndOneOfEach()
    {
        var code = string.Join('\n', Enumerable.Range(1, 12).Select(static i => $"line {i}"));
        var sample = Samples.All["listener"];
        var lines = Shown(sample with
        {
            Remedies = [.. sample.Remedies, .. sample.Remedies, new Remedy("code", "Write it anew.", code, "", "none") { Language = Runtime.Go }],
            Warnings = [.. Enumerable.Range(1, 5).Select(static i => new Remark
            {
                Id = "w" + i,
                Text = $"Warning {i}, which is {string.Concat(Enumerable.Repeat("rather ", 60))}long.",
            })],
        }, 80);
        Assert.InRange(lines.Length, 8, 14);
        Assert.Equal(["why", "who", "next", "or", "note", "more"], lines.Select(LabelOf).Where(static label => label.Length > 0));
    }

    [Fact]
    public void Render_TimeWaitOfMoreThanAScreen_LeavesOutTheOtherPortBeforeWhatPrevents()
    {
        var sample = Samples.All["listener"] with
        {
            Cause = Cause.TimeWait,
            Remedies =
            [
                new Remedy("wait", "Wait 41 s.", "bindwise why 8080 --plain --follow", "", "none"), new Remedy("other-port", "Take another port; 8081 is free.", null, "", "none"),
                new Remedy("set-reuse-address-from-now", "From now on, set SO_REUSEADDR before bind() in your server; both sockets need it, so it helps from the restart after the next.",
                    "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)", "", "none") { Language = Runtime.Python },
            ],
        };
        var text = string.Join('\n', Shown(sample, 60).Select(static line => line.ToString()));
        Assert.Contains("socket.SO_REUSEADDR, 1)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("another port", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_CodeOfManyLines_IsShownForTheFirstStepOnly()
    {
        var step = new Remedy("a", "Set the option.", "one()\ntwo()", "", "none") { Language = Runtime.Go };
        var text = string.Join('\n', Shown(Samples.All["listener"] with { Remedies = [step, step] }, 80).Select(static line => line.ToString()));
        Assert.Contains("  next  Set the option (in Go):\n          one()\n          two()\n  or    Set the option (-v shows the code)\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "  next  Stop it (unsaved work is lost):  kill 7")]
    [InlineData(false, "  next  Stop it:  kill 7")]
    public void Render_Risk_IsAWordWhereItIsNotable(bool isNotable, string row)
    {
        var step = new Remedy("a", "Stop it.", "kill 7", "it ends", "unsaved work is lost") { IsRiskNotable = isNotable };
        Assert.Contains(row, Shown(Samples.All["listener"] with { Remedies = [step] }, 80).Select(static line => line.ToString()));
    }

    [Theory]
    [MemberData(nameof(NamesAndWidths))]
    public void Render_AnyWidth_KeepsTextWithinItAndCommandsWhole(string sample, int? width)
    {
        var diagnosis = Samples.All[sample];
        var commands = diagnosis.Remedies.SelectMany(static remedy => (remedy.Command ?? "").Split('\n')).Select(static line => Escaper.Escape(line)).ToHashSet();
        foreach (var line in Lines(sample, width))
        {
            var copied = line.Spans.Where(static span => span.Role == TextRole.Command).ToList();
            Assert.All(copied, span => Assert.Contains(span.Text, commands));
            Assert.All(copied, span => Assert.Equal(line.Spans[^1], span));
            var isVerbatim = copied.Count > 0 || LabelOf(line) == "more";
            Assert.True(width is null || isVerbatim || CellWidth.Of(line.ToString()) <= width || IsOneWord(line), $"{sample} at {width}: {line}");
            // Nothing stands before a command that has left its text's line.
            Assert.True(width is null || copied.Count == 0 || CellWidth.Of(line.ToString()) <= width || IsOneSpan(line), $"{sample} at {width}: {line}");
        }
        if (diagnosis.Remedies is [{ Command: { } first }, ..])
            Assert.Contains(Lines(sample, width), line => line.ToString().EndsWith(Escaper.Escape(first.Split('\n')[0]), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Sample_SaysNothingTwiceAndNoEvidence(string sample)
    {
        var lines = Lines(sample, null);
        Assert.All(lines.Skip(1), line => Assert.Contains(LabelOf(line), Labels));
        var text = string.Join('\n', lines);
        Assert.DoesNotMatch("\\[BW\\d+\\]|docs/", text);
        var moments = Moment().Matches(text).Select(static match => match.Value).ToList();
        Assert.Equal(moments.Distinct(), moments);
        Assert.Equal(lines.Select(static line => line.ToString()).Distinct(), lines.Select(static line => line.ToString()));
        Assert.True(lines.Count(static line => LabelOf(line) == "note") <= 2);
    }

    // The file of a UNIX socket may stay when its server has ended.
    [Theory]
    [InlineData(Protocol.Tcp, false)]
    [InlineData(Protocol.Unix, true)]
    public void Next_OfTheSameHolder_IsShortUnlessItHasStepsOfItsOwn(Protocol protocol, bool hasSteps)
    {
        var sample = Samples.All["listener"];
        var sequence = new AnswerSequence(new TextOptions(null));
        sequence.Next(sample, 0);

        var second = sequence.Next(sample with { Target = sample.Target with { Protocol = protocol } }, 0).Count(static line => line.ToString().Length > 0);

        Assert.Equal(hasSteps, second > 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Verbose_SaysAllThatTheShortAnswerSays(string sample)
    {
        var verbose = Words(DiagnosisText.Render(Samples.All[sample], new TextOptions(null, Detail.Verbose))).ToHashSet();
        Assert.All(Samples.All[sample].Remedies, remedy => Assert.Subset(verbose, Words(Escaper.Escape(remedy.Text)).ToHashSet()));
        Assert.All(Samples.All[sample].Why, reason => Assert.Subset(verbose, Words(Escaper.Escape(reason)).ToHashSet()));
        Assert.All(Samples.All[sample].Limits.Concat(Samples.All[sample].Warnings), remark => Assert.Subset(verbose, Words(Escaper.Escape(remark.Text)).ToHashSet()));
    }

    private static ImmutableArray<TextLine> Lines(string sample, int? width) => Shown(Samples.All[sample], width);

    private static ImmutableArray<TextLine> Shown(Diagnosis diagnosis, int? width) => DiagnosisText.Render(diagnosis, new TextOptions(width));

    private static string LabelOf(TextLine line) => line.Spans.FirstOrDefault(static span => span.Role == TextRole.Label).Text ?? "";

    private static bool IsOneWord(TextLine line) =>
        Words([line with { Spans = [.. line.Spans.Where(static span => span.Role != TextRole.Label)] }]).Count() <= 1;

    private static bool IsOneSpan(TextLine line) => line.Spans.Count(static span => span.Text.Trim().Length > 0) == 1;

    private static IEnumerable<string> Words(IEnumerable<TextLine> lines) => lines.SelectMany(static line => Words(line.ToString()));

    private static IEnumerable<string> Words(string text) =>
        text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(static word => word.TrimEnd('.', ':')).Where(static word => word.Length > 0);

    // 14:02 or 14:02:31, and no port or address.
    [GeneratedRegex(@"(?<![\d.:\]])\d\d:\d\d(:\d\d)?(?![\d.])")]
    private static partial Regex Moment();
}
