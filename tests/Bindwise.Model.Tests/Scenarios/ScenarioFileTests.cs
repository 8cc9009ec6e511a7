using System.Text;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Scenarios;

[Trait("Seed", "any")]
public class ScenarioFileTests
{
    private const string One = """{"name":"one","steps":[]}""";
    private const string Two = """{"name":"two","steps":[{"op":"close","socket":"a"}]}""";

    [Theory]
    [InlineData("close a", false)]
    [InlineData("", false)]
    [InlineData("# {", false)]
    [InlineData(" \r\n\t{", true)]
    [InlineData("\uFEFF{", true)]
    public void IsJson_Content_DecidesByTheFirstCharacter(string text, bool isJson) => Assert.Equal(isJson, ScenarioFile.IsJson(text));

    [Fact]
    public void Parse_BindText_IsOneScenarioOfTheFilesName()
    {
        var parse = Assert.Single(ScenarioFile.Parse("close a\n", "file"));
        Assert.Equal(("file", 1), (parse.Name, parse.Scenario!.Steps.Length));
    }

    [Fact]
    public void Parse_Empty_IsOneScenarioWithoutSteps() => Assert.Empty(Assert.Single(ScenarioFile.Parse("", "file")).Scenario!.Steps);

    [Fact]
    public void Parse_Stream_BadDocumentDoesNotStopTheOthers()
    {
        var parses = ScenarioFile.Parse($"{One}\r\n\n{{\"name\":\"bad\",\"steps\":[{{}}]}}\n{Two[..20]}\n  {Two}");
        Assert.Equal([("one", 1, true), ("bad", 3, false), ("two", 4, false), ("two", 5, true)], parses.Select(parse => (parse.Name, parse.Line, parse.IsSuccess)));
        Assert.Equal("file:3:24: step 0: the step has no op", parses[1].Fault!.At("file").Split(';')[0]);
    }

    [Fact]
    public void Parse_OneDocumentOverSeveralLines_IsRead()
    {
        Assert.True(Assert.Single(ScenarioFile.Parse("\uFEFF{\n  \"steps\": [\n  ]\n}\n")).IsSuccess);
        Assert.Equal("file:3:11: step 0: op", Assert.Single(ScenarioFile.Parse("{\n  \"steps\": [\n    {\"op\":\"x\"}\n  ]\n}\n")).Fault!.At("file")[..21]);
    }

    [Fact]
    public void Next_LineAfterLine_CountsAllAndPassesOverBlankOnes()
    {
        var lines = new ScenarioLines();
        Assert.Equal(1, lines.Next(Encoding.UTF8.GetBytes(One))!.Line);
        Assert.Null(lines.Next("\r\n"u8));
        Assert.Equal(3, lines.Next("x"u8)!.Fault!.Line);
        Assert.Equal(3, lines.Count);
    }

    [Fact]
    public void Parse_ManyScenarios_GivesThemAllBack() =>
        Prop.ForAll(AnyScenario.Arbitrary, AnyScenario.Arbitrary, (a, b) =>
            ScenarioFile.Parse(ScenarioJson.Write(a) + "\n" + ScenarioJson.Write(b) + "\n").Select(parse => parse.Scenario).SequenceEqual([a, b])).Holds();

    [Fact]
    public void Parse_AnyText_NeverThrows() =>
        Prop.ForAll(Gen.Elements("{", "}", "\"steps\":", "[", "]", "\n", One, Two, "\uFEFF", "a", "\ud800").ListOf().Select(string.Concat).ToArbitrary(), text =>
            ScenarioFile.Parse(text).All(parse => parse.IsSuccess == parse.Faults.IsEmpty)).Check(Seed.Config.WithMaxTest(1_000));
}
