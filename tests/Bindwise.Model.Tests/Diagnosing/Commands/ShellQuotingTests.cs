using System.Diagnostics;
using System.Text;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Model.Tests.Diagnosing.Commands;

public sealed class ShellQuotingTests
{
    [Theory]
    [InlineData("plain-1.sock", "plain-1.sock")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("h\u00e9llo \u4e16", "'h\u00e9llo \u4e16'")]
    [InlineData("a\nb", "$'a\\nb'")]
    [InlineData("a\u001b[2J", "$'a\\033[2J'")]
    [InlineData("\u202ekcos", "$'\\342\\200\\256kcos'")]
    [InlineData("it's\\\t1", "$'it\\'s\\\\\\t1'")]
    public void Quote_WritesWhatAShellReads(string word, string quoted) => Assert.Equal(quoted, ShellQuoting.Quote(word));

    [Fact]
    public void Quote_OfAPath_NamesExactlyThatFile()
    {
        string[] names = ["two words", "it's", "q\"q", "back\\slash", "$(touch canary)", "`touch canary`", "-rf", "a\nb", "end\n", "\t", "\u001b]0;x\u0007", "\u202ekcos", "\u0001" + "1", "\\x41", "\\033", "~", "*", "$HOME", "h\u00e9\u007f"];
        var folder = Directory.CreateTempSubdirectory("quoting");
        try
        {
            foreach (var name in names)
                File.WriteAllText(Path.Combine(folder.FullName, name), "");
            for (var left = names.Length; left > 0; left--)
            {
                var name = names[left - 1];
                var path = ShellQuoting.Quote(Path.Combine(folder.FullName, name));
                using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", "rm -- " + path]))!;
                shell.WaitForExit();
                Assert.Equal(0, shell.ExitCode);
                Assert.Equal(names[..(left - 1)].Order(StringComparer.Ordinal), Directory.GetFiles(folder.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Quote_OfAnyCharacter_HasNoneThatATerminalDoesNotShow()
    {
        for (var value = 1; value < 0x30000; value++)
        {
            if (Rune.IsValid(value))
                Assert.DoesNotContain(ShellQuoting.Quote("a" + new Rune(value)).EnumerateRunes(), ShellQuoting.IsUnshown);
        }
    }
}
