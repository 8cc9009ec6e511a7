using Bindwise.Model.Kernels;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Model.Tests.Scenarios.Claims;

/// <summary>Claim files are read whole, and what is wrong in one is told with its line and column.</summary>
public sealed class ClaimTextTests
{
    private const string Whole = """
        # A comment before the claim.
        claim restart-works
        says "A server restarts at once"
        source 000 002
        about time-wait
        see BW005 time-wait
        verdict on linux 6.1..6.7: false
        verdict on linux 6.8..: conditional in second   # a comment
        verdict on macos freebsd: true
        note "The first line"
        note "and the second."

        case first "nobody had connected"
        a = tcp 127.0.0.1:8080 listen -> ok
        close a
        b = tcp 127.0.0.1:8080        -> ok claimed EADDRINUSE

        case second "it still runs"
          a = tcp 127.0.0.1:8080 listen
          # why
          b = tcp 127.0.0.1:8080 -> EADDRINUSE claimed EADDRINUSE
        """;

    [Fact]
    public void Parse_WholeFile_GivesEveryPart()
    {
        var claim = ClaimText.Parse(Whole).Claim!;
        Assert.Equal(("restart-works", "A server restarts at once", "time-wait", "The first line and the second."), (claim.Id, claim.Says, claim.About, claim.Note));
        Assert.Equal(["000", "002"], claim.Sources.ToArray());
        Assert.Equal(["BW005", "time-wait"], claim.See.ToArray());
        Assert.Equal(["first", "second"], claim.Cases.Select(static part => part.Name));
        Assert.Equal("it still runs", claim.Cases[1].When);
        Assert.Equal("restart-works/second", claim.Cases[1].Scenario.Name);
        Assert.Equal((13, 18), (claim.Cases[0].Line, claim.Cases[1].Line));
        Assert.Equal("EADDRINUSE", claim.Cases[1].Scenario.Steps.OfType<ExpectStep>().Single().Claimed);
        Assert.Equal("  a = tcp 127.0.0.1:8080 listen\n  # why\n  b = tcp 127.0.0.1:8080 -> EADDRINUSE claimed EADDRINUSE\n", claim.Cases[1].Text);
        Assert.Equal(
            [
                new RecordedVerdict("linux", new KernelRange(new(6, 1), new(6, 7)), ClaimVerdict.False, []),
                new RecordedVerdict("linux", new KernelRange(new(6, 8), null), ClaimVerdict.Conditional, ["second"]),
                new RecordedVerdict("macos", KernelRange.All, ClaimVerdict.True, []),
                new RecordedVerdict("freebsd", KernelRange.All, ClaimVerdict.True, []),
            ],
            claim.Recorded.ToArray());
    }

    [Theory]
    [InlineData("linux", "6.6.12", ClaimVerdict.False)]
    [InlineData("linux", "6.18.44-fc", ClaimVerdict.Conditional)]
    [InlineData("linux", "5.15.0", null)]
    [InlineData("macos", "", ClaimVerdict.True)]
    [InlineData("windows", "", null)]
    internal void RecordedFor_SystemAndRelease_IsTheVerdictOfItsRange(string system, string release, ClaimVerdict? verdict) =>
        Assert.Equal(verdict, ClaimText.Parse(Whole).Claim!.RecordedFor(system, release)?.Verdict);

    [Fact]
    public void Parse_LinesWithCarriageReturnsAndAMark_GivesTheSame()
    {
        var (one, other) = (ClaimText.Parse(Whole).Claim!, ClaimText.Parse("\uFEFF" + Whole.Replace("\n", "\r\n", StringComparison.Ordinal)).Claim!);
        Assert.Equal(one.Says, other.Says);
        Assert.Equal(one.Cases.Select(static part => part.Scenario), other.Cases.Select(static part => part.Scenario));
    }

    [Fact]
    public void Parse_CasesWrittenAsScenarios_GiveTheSameStepsAgain()
    {
        foreach (var part in ClaimText.Parse(Whole).Claim!.Cases)
            Assert.Equal(part.Scenario, BindText.Parse(BindText.Write(part.Scenario)).Scenario);
    }

    [Theory]
    [InlineData("", "1", "the file says no claim: it starts with its id, as in: claim reuse-time-wait")]
    [InlineData("says \"x\"", "1:1", "found \"says\", expected claim and the claim's id, as in: claim reuse-time-wait")]
    [InlineData("claim", "1:6", "found the end of the line, expected the claim's id, as in: claim reuse-time-wait")]
    [InlineData("claim Up", "1:7", "an id is up to 64 small letters, digits and -, a letter first")]
    [InlineData("claim a b", "1:9", "found \"b\", expected the end of the line, as in: says \"SO_REUSEADDR lets a server bind over TIME_WAIT\"")]
    [InlineData("claim a\nclaim b", "2:1", "claim is there twice; leave one out")]
    [InlineData("claim a\nsays yes", "2:6", "found \"yes\", expected the sentence in quotes, as in: says \"SO_REUSEADDR lets a server bind over TIME_WAIT\"")]
    [InlineData("claim a\nsays \"yes", "2:6", "the closing quote is missing; put one after the text")]
    [InlineData("claim a\nsays \" \"", "2:6", "the text is empty; say it in a sentence")]
    [InlineData("claim a\nsayes \"yes\"", "2:1", "found \"sayes\", expected a line of a claim's head (claim, says, source, about, verdict, note, see) or a case, as in: says \"yes\"")]
    [InlineData("claim a\nsource 0/1", "2:8", "found \"0/1\", expected the number of an article, as in: source 000 002")]
    [InlineData("claim a\nsee", "2:4", "found the end of the line, expected a rule or a cause, as in: see BW005 time-wait")]
    [InlineData("claim a\nnote why", "2:6", "found \"why\", expected the note in quotes, as in: note \"The option is looked at on both sockets.\"")]
    [InlineData("claim a\nverdict linux: true", "2:9", "found \"linux:\", expected on, and a system, as in: verdict on linux: conditional in both-set")]
    [InlineData("claim a\nverdict on linx: true", "2:12", "found \"linx:\", expected a system: linux, freebsd, macos, openbsd, netbsd, windows, illumos, gvisor, as in: verdict on linux: true")]
    [InlineData("claim a\nverdict on linux 6.x: true", "2:18", "\"6.x:\" is not a kernel range, as in: verdict on linux 6.1..6.7: true")]
    [InlineData("claim a\nverdict on linux 6.7..6.1: true", "2:18", "\"6.7..6.1:\" is not a kernel range, as in: verdict on linux 6.1..6.7: true")]
    [InlineData("claim a\nverdict on macos 14.0: true", "2:18", "only linux has a range of kernels, as in: verdict on macos: true")]
    [InlineData("claim a\nverdict on linux true", "2:18", "found \"true\", expected a colon after the last system, or a kernel range and a colon, as in: verdict on linux 6.1..6.7: true")]
    [InlineData("claim a\nverdict on linux: yes", "2:19", "found \"yes\", expected true, false, conditional or unknown, as in: verdict on linux: conditional in both-set")]
    [InlineData("claim a\nverdict on linux: conditional", "2:30", "found the end of the line, expected in, and the cases in which it holds, as in: verdict on linux: conditional in both-set")]
    [InlineData("claim a\nverdict on linux: conditional in", "2:33", "found the end of the line, expected the name of a case, as in: verdict on linux: conditional in both-set")]
    [InlineData("claim a\nverdict on linux: true\nverdict on linux 6.1..: true", "3:18", "line 2 already covers linux; leave one out, or give separate kernel ranges")]
    [InlineData("claim a\nsays \"yes\"", "1", "the claim has no case to test it by, as in: case both-set \"both sockets had set it\"")]
    [InlineData("claim a\ncase b \"x\"\nclose a -> ENOSOCK claimed ok", "1", "the claim says nothing; write the sentence as people read it, as in: says \"SO_REUSEADDR lets a server bind over TIME_WAIT\"")]
    [InlineData("claim a\nsays \"x\"\ncase", "3:5", "found the end of the line, expected the case's name, as in: case both-set \"both sockets had set it\"")]
    [InlineData("claim a\nsays \"x\"\ncase b", "3:7", "found the end of the line, expected when it is so, in quotes, as the end of a sentence, as in: case both-set \"both sockets had set it\"")]
    [InlineData("claim a\nsays \"x\"\ncase b \"x\"\nclose a", "3", "in the case b the claim says nothing; after an expectation, write what is claimed, as in: bind new 127.0.0.1:8080 -> EADDRINUSE claimed ok")]
    [InlineData("claim a\nsays \"x\"\ncase b \"x\"\nclose a -> ENOSOCK claimed ok\ncase b \"y\"\nclose a -> ENOSOCK claimed ok", "5:6", "there is a case b already; give each its own name")]
    [InlineData("claim a\nsays \"x\"\n\ncase b \"x\"\n\nclose a -> ENOSOCK claimed ok\n  lisen a", "7:3", "step 2: found \"lisen\"")]
    [InlineData("claim a\nsays \"x\"\ncase b \"x\"\nclose a -> ENOSOCK claimed ok\nsee BW005", "5:1", "see goes before the first case")]
    [InlineData("claim a\nsays \"x\"\ncase b \"x\"\nclose a -> ENOSOCK claimed ok\n note \"y\"", "5:2", "note goes before the first case")]
    [InlineData("claim a\nsays \"x\"\nverdict on linux: conditional in c\ncase b \"x\"\nclose a -> ENOSOCK claimed ok\ncase d \"x\"\nclose a -> ENOSOCK claimed ok", "3", "the verdict on linux names the case \"c\", which is not there; the cases are b, d")]
    [InlineData("claim a\nsays \"x\"\nverdict on linux: conditional in b\ncase b \"x\"\nclose a -> ENOSOCK claimed ok", "3", "the verdict on linux is conditional, and yet it holds in every case; write true, or add the case in which it fails")]
    public void Parse_FaultyFile_SaysWhereAndWhatIsRight(string text, string place, string what)
    {
        var parse = ClaimText.Parse(text);
        Assert.Null(parse.Claim);
        Assert.StartsWith($"a.bind:{place}: {what}", parse.Fault!.At("a.bind"), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SeveralFaults_AreToldInOrder()
    {
        var parse = ClaimText.Parse("claim a\nsays x\ncase b \"x\"\nlisen a\ncase c\nclose a -> ENOSOCK claimed\n");
        Assert.Equal([2, 4, 5, 6], parse.Faults.Select(static fault => fault.Line));
    }

    [Fact]
    public void Parse_AnyText_NeverThrows()
    {
        var random = new Random(5);
        var pieces = new[] { "claim", "a", "case", "\"", "says", "->", "claimed", "verdict on linux:", "in", "\n", " ", "=", "tcp", "\u202e", "\0", "ok", "6.1..", "note", "\ud800" };
        for (var round = 0; round < 3_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => pieces[random.Next(pieces.Length)] + (random.Next(3) == 0 ? "\n" : " ")));
            var parse = ClaimText.Parse(text);
            Assert.True(parse.Claim is null == parse.Faults.Length > 0, text);
            Assert.InRange(parse.Faults.Length, 0, 20);
        }
    }

    [Fact]
    public void Parse_LargerThanTheLimits_IsRefused()
    {
        Assert.Equal("the file is larger than 1 MiB; split the claim", ClaimText.Parse(new string('\n', ClaimText.MaximumChars + 1)).Fault!.What);
        var cases = string.Concat(Enumerable.Range(0, ClaimText.MaximumCases + 1).Select(static number => $"case c{number} \"x\"\nclose a -> ENOSOCK claimed ok\n"));
        Assert.Equal("a claim has at most 64 cases; split it", ClaimText.Parse("claim a\nsays \"x\"\n" + cases).Fault!.What);
    }

    [Theory]
    [InlineData("claim a", true)]
    [InlineData("# why\n\n  claim a", true)]
    [InlineData("claimed = tcp", false)]
    [InlineData("a = tcp", false)]
    [InlineData("# claim", false)]
    [InlineData("", false)]
    public void IsClaim_Text_IsToldByItsFirstWord(string text, bool isClaim) => Assert.Equal(isClaim, ClaimText.IsClaim(text));
}
