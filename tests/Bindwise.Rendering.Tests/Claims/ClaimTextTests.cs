using System.Collections.Immutable;
using Bindwise.Model.Text;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Claims;

/// <summary>Claims and proofs as people read them, at 80 columns.</summary>
public sealed class ClaimTextTests
{
    [Fact]
    public void Proof_Conditional_SaysWhenItHoldsAndWhenNot() => Assert.Equal(
        """
        reuse-time-wait: true if both sockets had set it
          says  SO_REUSEADDR before bind lets a server bind over TIME_WAIT
          holds both sockets had set it: bind new 127.0.0.1:8080 gave ok
          fails only the new one had set it: bind new 127.0.0.1:8080 gave EADDRINUSE,
                not ok [BW005 by old (TIME_WAIT)]
          on    Linux 6.18.44, and the model agrees; as recorded
        """,
        Joined(ClaimProofText.Render(Proofs.Conditional, new TextOptions(80))));

    [Fact]
    public void Proof_OfDocuments_SaysThatNothingWasRun() => Assert.Equal(
        """
        reuse-time-wait: unknown
          says  SO_REUSEADDR before bind lets a server bind over TIME_WAIT
          holds both sockets had set it: bind new 127.0.0.1:8080 gave ok
          open  only the new one had set it: bind new 127.0.0.1:8080 is not documented
          on    macOS: documented, not run; recorded is true
        """,
        Joined(ClaimProofText.Render(Proofs.Documented, new TextOptions(80))));

    [Fact]
    public void Proof_ThatDiffers_SaysSo()
    {
        var text = Joined(ClaimProofText.Render(Proofs.Wrong, new TextOptions(200)));
        Assert.Contains("and the model differs; recorded is conditional in both", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Proof_BrokenOff_SaysWhyWithoutMovingTheCursor()
    {
        var text = Joined(ClaimProofText.Render(Proofs.Broken, new TextOptions(80)));
        Assert.Contains("one case in virtual time on the model alone", text.ReplaceLineEndings(" ").Replace("        ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void Proof_Verbose_HasEveryStepAndTheSockets()
    {
        var text = Joined(ClaimProofText.Render(Proofs.Conditional, new TextOptions(80, Detail.Verbose)));
        Assert.Contains("  why   The kernel compares the options of both sockets.\n", text, StringComparison.Ordinal);
        Assert.Contains("set new reuseaddr", text, StringComparison.Ordinal);
        Assert.Contains("  prior none\n", text, StringComparison.Ordinal);
        Assert.Contains("  after 127.0.0.1:8080 - 127.0.0.1:40000 TIME_WAIT, 59.9 s left, old\n        127.0.0.1:8080 BOUND, new of shop\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Proof_Quiet_IsOneLine() => Assert.Single(ClaimProofText.Render(Proofs.Conditional, new TextOptions(80, Detail.Quiet)));

    [Fact]
    public void Show_Claim_HasWhatIsKnownAndItsCasesAsTheyStand() => Assert.Equal(
        """
        reuse-time-wait
          says  SO_REUSEADDR before bind lets a server bind over TIME_WAIT
          known linux 6.8..: true if both sockets had set it
                macos: true
          why   The kernel compares the options of both sockets.
          see   bindwise explain BW005, bindwise explain time-wait
          prove bindwise lab prove reuse-time-wait

        case both: both sockets had set it
          new = tcp reuseaddr 127.0.0.1:8080 -> ok claimed ok   # over the old one

        case new-only: only the new one had set it
          new = tcp reuseaddr 127.0.0.1:8080 -> EADDRINUSE BW005 by TIME_WAIT claimed ok
        """,
        Joined(ClaimShowText.Render(Proofs.Claim, "bindwise lab prove reuse-time-wait", 80)));

    [Fact]
    public void List_ClaimsAndPrograms_AreGroupedAndWithinTheWidth() => Assert.Equal(
        """
        reuse
          reuse-time-wait            conditional
              SO_REUSEADDR before bind lets a
              server bind over TIME_WAIT

        programs that tutorials print (bindwise
        lab show NAME)
          server
              It serves. Once.
        """,
        Joined(ClaimListText.Render([Proofs.Claim], [new ListedProgram("server", ListedProgram.TitleOf("# It serves.\n# Once.\na = tcp\n# not this\n"))], "6.18", 40)));

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void Proof_AtAnyWidth_KeepsToIt(int width) => Assert.All(
        new[] { Proofs.Conditional, Proofs.Wrong, Proofs.Documented, Proofs.Broken },
        proof => Assert.All(ClaimProofText.Render(proof, new TextOptions(width)), line => Assert.InRange(CellWidth.Of(line.ToString()), 0, width)));

    private static string Joined(ImmutableArray<TextLine> lines) => string.Join('\n', lines);
}
