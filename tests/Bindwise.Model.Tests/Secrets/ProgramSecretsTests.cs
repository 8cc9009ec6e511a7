using Bindwise.Model.Secrets;

namespace Bindwise.Model.Tests.Secrets;

public sealed class ProgramSecretsTests
{
    [Fact]
    public void EachProgramStandsInOneFamilyAndIsFoundThere()
    {
        var family = "";
        var expected = new List<(string Program, string Family)>();
        foreach (var word in WordsOf(ProgramSecrets.Families))
        {
            if (word is [.. var name, ':'])
                family = name;
            else
                expected.Add((word, family));
        }
        expected.AddRange(WordsOf(ProgramSecrets.Alone).Select(static word => (word, word)));

        Assert.True(expected.Count > 300);
        Assert.Equal(expected.Count, expected.DistinctBy(static one => one.Program).Count());
        Assert.All(expected, static one => Assert.Equal(one.Family, ProgramSecrets.FamilyOf(one.Program)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("mysql:")]
    [InlineData("mysq")]
    [InlineData("ysql")]
    [InlineData("ssh scp")]
    [InlineData("encoder")]
    [InlineData("python3")]
    public void AnythingElseHasNoFamily(string word) => Assert.Null(ProgramSecrets.FamilyOf(word));

    private static string[] WordsOf(string table) => table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
