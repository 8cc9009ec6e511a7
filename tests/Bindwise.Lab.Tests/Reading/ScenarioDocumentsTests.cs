using System.Text;
using Bindwise.Lab.Reading;

namespace Bindwise.Lab.Tests.Reading;

/// <summary>Scenarios of a stream: one document a line, or a single one over several.</summary>
public sealed class ScenarioDocumentsTests
{
    private const string Whole = """{"steps":[{"op":"open","socket":"a"}]}""";
    private const string OverLines = "{\n \"steps\": [\n  {\"op\": \"open\", \"socket\": \"a\"}\n ]\n}\n";

    [Theory]
    [InlineData(Whole + "\n" + Whole, "1 ok, 2 ok")]
    [InlineData("\n" + Whole, "2 ok")]
    [InlineData("{bad\n\n" + Whole + "\n{bad", "1 bad, 3 ok, 4 bad")]
    [InlineData(Whole + "\n" + OverLines, "1 ok, 2 bad, 3 bad, 4 bad, 5 bad, 6 bad")]
    [InlineData("{bad\n{worse", "1 bad, 2 bad")]
    [InlineData(OverLines, "1 ok")]
    [InlineData("\uFEFF" + OverLines, "1 ok")]
    [InlineData("\n" + OverLines, "2 ok")]
    [InlineData("{\n \"steps\": [\n  {\"op\": \"opne\"}\n ]\n}", "1 bad")]
    [InlineData("a = tcp\n", "1 ok")]
    [InlineData(" \n", "1 bad")]
    public void Read_Lines_AreDocumentsOrOneTogether(string text, string expected) => Assert.Equal(expected, string.Join(", ",
        ScenarioDocuments.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).Select(static one => $"{one.Line} {(one.Scenario is null ? "bad" : "ok")}")));
}
