using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Tests.Targets;

public class ErrorTextReaderTests
{
    public static TheoryData<string, string> Texts
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (text, expected) in Corpus.Rows)
                data.Add(text, expected);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Read_ATextOfTheCorpus_FindsTheAddressOfTheFailedBind(string text, string expected) =>
        Assert.Equal(expected, TargetText.Of(ErrorTextReader.Read(text)));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Parse_ATextOfTheCorpus_GivesWhatTheReaderGives(string text, string expected)
    {
        var result = TargetParser.Parse(text);

        Assert.Equal(expected, TargetText.Of(result));
        Assert.NotEqual(result.IsSuccess, result.Value is null);
        Assert.Equal(result.IsSuccess, result.Value?.Pasted is not null);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    [Trait("Lane", "second")]
    public void Read_ATextInAnyWrapping_FindsTheSameAddress(string text, string expected)
    {
        foreach (var (name, wrapped) in Wrappings.Of(text))
        {
            var read = TargetText.Of(ErrorTextReader.Read(wrapped));
            // Of several connections that failed the first is told, and one is told where no bind is.
            var isOtherConnection = name == "connections before" && (expected == "error" || expected.StartsWith("connect ", StringComparison.Ordinal)) && read == "connect 10.0.0.6:443";
            Assert.True(isOtherConnection || read == expected, $"{name}: {read}, not {expected}");
        }
    }
}
