using System.Text;

namespace Bindwise.Cli.Tests.Help;

/// <summary>The script for PowerShell, read by its lexical rules (about_Quoting_Rules, about_Hash_Tables): texts that end, brackets that match.</summary>
public sealed class PowerShellScriptTests
{
    private const string Quotes = "'\u2018\u2019\u201A\u201B";
    private const string DoubleQuotes = "\"\u201C\u201D\u201E";

    [Fact]
    public void Script_ReadByPowerShellsRules_HasWholeTextsAndMatchingBrackets()
    {
        var script = Bindwise.Run("completion", "pwsh").Output;
        var bare = Bare(script);
        Assert.StartsWith("\nRegister-ArgumentCompleter -Native -CommandName  -ScriptBlock {", bare, StringComparison.Ordinal);
        Assert.EndsWith("}\n", bare, StringComparison.Ordinal);
        // A place for each verb, each with the same keys.
        foreach (var key in new[] { "Live = ", "Words = @(", "Verbs = @(", "Options = @(" })
            Assert.Equal(Count(bare, "\n         = @{"), Count(bare, "            " + key));
        Assert.DoesNotContain(bare, static letter => letter is '`' or '"' || letter > '~');
    }

    [Theory]
    [InlineData("@('it''s')", "@()")]
    [InlineData("# it's\n1", "\n1")]
    [InlineData("\"a`\"b\"", "")]
    public void Bare_OfTexts_LeavesTheRest(string script, string bare) => Assert.Equal(bare, Bare(script));

    [Theory]
    [InlineData("@('it's')")]
    [InlineData("@(}")]
    [InlineData("{")]
    public void Bare_OfWhatIsBroken_Fails(string script) => Assert.ThrowsAny<Exception>(() => Bare(script));

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>The script without its texts and comments.</summary>
    private static string Bare(string script)
    {
        var bare = new StringBuilder();
        var open = new Stack<char>();
        for (var at = 0; at < script.Length; at++)
        {
            var letter = script[at];
            if (letter == '#')
                at = script.IndexOf('\n', at) - 1;
            else if (Quotes.Contains(letter, StringComparison.Ordinal))
                at = EndOf(script, at, Quotes, escape: '\0');
            else if (DoubleQuotes.Contains(letter, StringComparison.Ordinal))
                at = EndOf(script, at, DoubleQuotes, escape: '`');
            else
            {
                if (letter is '(' or '{' or '[')
                    open.Push(letter);
                else if (letter is ')' or '}' or ']')
                    Assert.Equal(letter switch { ')' => '(', '}' => '{', _ => '[' }, open.Pop());
                bare.Append(letter);
            }
        }
        Assert.Empty(open);
        return bare.ToString();
    }

    // Two quotes within are one of them.
    private static int EndOf(string script, int start, string quotes, char escape)
    {
        for (var at = start + 1; at < script.Length; at++)
        {
            if (script[at] == escape)
                at++;
            else if (quotes.Contains(script[at], StringComparison.Ordinal))
            {
                if (at + 1 == script.Length || !quotes.Contains(script[at + 1], StringComparison.Ordinal))
                    return at;
                at++;
            }
        }
        throw new InvalidOperationException("a text does not end");
    }
}
