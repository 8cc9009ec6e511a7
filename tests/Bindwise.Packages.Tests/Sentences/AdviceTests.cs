namespace Bindwise.Packages.Tests.Sentences;

/// <summary>Advice can be followed: what a package's exceptions and log events name, its users can set.</summary>
public sealed class AdviceTests
{
    public static TheoryData<string> Packages => [.. PackageOptions.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Sentences_OfAPackage_NameOnlyOptionsThatItHas(string package)
    {
        var options = new PackageOptions(package);
        var sentences = SourceSentences.Of(package).ToList();
        Assert.NotEmpty(sentences);
        Assert.Empty(sentences.SelectMany(one => OptionMentions.Wrong(options, one.Text).Select(wrong => $"{one.Place}: {wrong}: {one.Text}")));
    }

    // What the test above finds, on sentences that were once wrong or might be.
    [Theory]
    [InlineData("Bindwise.AspNetCore", "set Bindwise:SocketActivation to Matching", true)]
    [InlineData("Bindwise.AspNetCore", "set Bindwise:SocketActivation to Always", false)]
    [InlineData("Bindwise.AspNetCore", "look at Bindwise:Retry:Timeouts", false)]
    [InlineData("Bindwise.Extensions.Hosting", "set Bindwise:ListenPidMismatch to Take", true)]
    [InlineData("Bindwise.Extensions.Hosting", "name the socket in Bindwise:SocketNames", false)]
    [InlineData("Bindwise", "use UnusedSockets.Close", true)]
    [InlineData("Bindwise", "use UnusedSockets.Drop", false)]
    [InlineData("Bindwise", "set V6Only = true", true)]
    [InlineData("Bindwise", "set V6Only = Take", false)]
    [InlineData("Bindwise", "take them with ListenPidMismatch=Take", true)]
    [InlineData("Bindwise", "set ListenPidMismatch to Accept", false)]
    [InlineData("Bindwise", "raise ReadyTimeout", true)]
    [InlineData("Bindwise", "raise ReadinessTimeout", false)]
    public void Mention_OfWhatThereIsNot_IsFound(string package, string sentence, bool isRight) =>
        Assert.Equal(isRight, !OptionMentions.Wrong(new PackageOptions(package), sentence).Any());

    [Fact]
    public void Sentences_AreReadAsTheyAreSaid()
    {
        const string Source = """"
            var a = $"change {BindwiseOptions.SectionName}:{nameof(BindwiseOptions.PortFile)} of {name}";
            faults.Add(Fault("Retry:Timeout", "is wrong"));
            [Log("{Reason} at last")] void M() { var b = "word"; var c = """raw words"""; }
            """";
        Assert.Equal(
            ["change Bindwise:PortFile of {}", "Bindwise:Retry:Timeout", "is wrong", "{Reason} at last", "raw words"],
            SourceSentences.OfText("Bindwise.AspNetCore", Source, "any.cs").Select(static one => one.Text));
    }
}
