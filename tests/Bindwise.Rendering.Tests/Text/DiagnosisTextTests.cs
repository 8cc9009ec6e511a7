using System.Text;
using Bindwise.Model.Text;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Tests.Escaping;
using Bindwise.Rendering.Text;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Text;

[Trait("Seed", "any")]
public class DiagnosisTextTests
{
    public static TheoryData<string, string> Layouts()
    {
        var rows = new TheoryData<string, string>();
        foreach (var name in Samples.All.Keys)
        {
            foreach (var layout in new[] { "none", "80", "40", "verbose" })
                rows.Add(name, layout);
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Render_Sample_ReadsAsExpected(string sample, string layout)
    {
        var options = layout switch
        {
            "none" => new TextOptions(),
            "verbose" => new TextOptions(100, Detail.Verbose),
            _ => new TextOptions(int.Parse(layout, System.Globalization.CultureInfo.InvariantCulture)),
        };
        Expectation.Check($"{sample}.{layout}.txt", Show(Samples.All[sample], options));
    }

    [Fact]
    public void Render_Quiet_IsTheFirstLineWhole()
    {
        foreach (var (name, sample) in Samples.All)
        {
            var line = Assert.Single(DiagnosisText.Render(sample, new TextOptions(20, Detail.Quiet)));
            Assert.True(Escaper.Escape(sample.Summary) == line.ToString(), name);
        }
    }

    [Fact]
    public void Render_MachineInAnotherZone_ShowsTheSnapshotsTimes()
    {
        var sample = Samples.All["listener"];
        var owner = sample.Blockers[0].Owners[0];
        Assert.Equal(TimeSpan.Zero, owner.Process.StartedAt!.Value.Offset);
        Assert.Contains("since 14:02 (2 h ago)", Show(sample, new TextOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_AnyNames_PutsNothingHarmfulOut() =>
        Prop.ForAll(HostileText.Arbitrary, Gen.Elements<int?>(null, 20, 80).ToArbitrary(), (text, width) =>
            DiagnosisText.Render(Poison(text), new TextOptions(width, Detail.Verbose)).All(line => EscaperTests.IsHarmless(line.ToString())))
            .Holds();

    [Fact]
    public void Render_AnyWidth_KeepsLinesWithinItUnlessAWordIsLonger() =>
        Prop.ForAll(HostileText.Arbitrary, Gen.Choose(20, 120).ToArbitrary(), (text, width) =>
            DiagnosisText.Render(Poison(text) with { Disagreement = null }, new TextOptions(width)).All(line => FitsOrIsOneWord(line, width))).Holds();

    [Fact]
    public void Render_AnyWidth_BreaksOnlyAtSpaces()
    {
        foreach (var (name, sample) in Samples.All)
        {
            var whole = Words(Show(sample, new TextOptions()));
            for (var width = 20; width < 130; width++)
                Assert.True(whole.SequenceEqual(Words(Show(sample, new TextOptions(width)))), $"{name} at {width}");
        }
    }

    [Fact]
    public void Render_WidthBelowTheMinimum_CountsAsTheMinimum() =>
        Assert.Equal(Show(Samples.All["udp"], new TextOptions(TextOptions.MinimumWidth)), Show(Samples.All["udp"], new TextOptions(1)));

    // "sudo" in the next step is of no use to who does not know what the probe lacked. That a connection can be opened is no news where bind() fails.
    [Theory]
    [InlineData("not-probed-as", "undetermined", true)]
    [InlineData("not-probed-as", "free", false)]
    [InlineData("source-not-asked", "free", true)]
    [InlineData("source-not-asked", "listener", false)]
    public void Render_WhatWasNotAsked_IsALimitWhereTheAnswerDependsOnIt(string limit, string sample, bool isShown)
    {
        var answer = Samples.All[sample] with { Limits = [new Remark { Id = limit, Text = "It was not asked." }] };

        Assert.Equal(isShown, Show(answer, new TextOptions()).Contains("limit It was not asked.", StringComparison.Ordinal));
    }

    [Fact]
    public void Render_ManyPrograms_CountsAllButTheFirst()
    {
        var sample = Samples.All["listener"];
        var owners = Enumerable.Range(1, 60).Select(i => new Owner
        {
            Process = new ProcessRecord { Id = i, Name = "p" + i, Executable = "/bin/p" + i },
            Role = OwnerRole.Holder,
            Descriptors = [],
        });
        var many = sample with { Blockers = [sample.Blockers[0] with { Owners = [.. owners] }] };
        Assert.Contains("  who   p1  pid 1; and 59 more (pids 2–60)\n", Show(many, new TextOptions()), StringComparison.Ordinal);
        Assert.Contains("        p60  pid 60\n", Show(many, new TextOptions(Detail: Detail.Verbose)), StringComparison.Ordinal);
    }

    private static bool FitsOrIsOneWord(TextLine line, int width)
    {
        var isVerbatim = line.Spans.Any(span => span.Role == TextRole.Command || span.Text.StartsWith("bindwise explain ", StringComparison.Ordinal));
        return isVerbatim || CellWidth.Of(line.ToString()) <= width
            || Words(string.Concat(line.Spans.Where(span => span.Role != TextRole.Label).Select(span => span.Text))).Length <= 1;
    }

    private static Diagnosis Poison(string text)
    {
        var process = Samples.Node with
        {
            Name = text,
            Arguments = [text, text],
            Executable = text,
            ExecutableDeleted = true,
            WorkingDirectory = text,
            UserName = text,
            Unit = text,
            Container = text,
        };
        var sample = Samples.All["listener"];
        return sample with
        {
            Summary = text,
            Why = [text, text],
            Processes = [process, Samples.Init with { Id = process.ParentId, Name = text }],
            Blockers = [sample.Blockers[0] with { Owners = [new Owner
            {
                Process = process,
                Role = OwnerRole.Inherited,
                Descriptors = [1],
            }] }],
            Remedies = [new Remedy("x", text, text, text, text)],
            Warnings = [new Remark { Id = "x", Text = text }],
            Limits = [new Remark { Id = "x", Text = text }],
            Disagreement = text,
            Interfaces = [new InterfaceRecord { Index = 2, Name = text }],
            Coverage = new Coverage { Notes = [text] },
        };
    }

    private static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static string Show(Diagnosis diagnosis, TextOptions options)
    {
        var text = new StringBuilder();
        foreach (var line in DiagnosisText.Render(diagnosis, options))
            text.Append(line).Append('\n');
        return text.ToString();
    }
}
