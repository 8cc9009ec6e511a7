using System.Text;
using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Tests.Targets;

/// <summary>Abstract UNIX names hold any byte; their text is one word, and leads back to the same bytes.</summary>
public sealed class AbstractNameTests
{
    [Theory]
    [InlineData("app", "@app")]
    [InlineData("/tmp/dbus-x,%", "@/tmp/dbus-x,%")]
    [InlineData("a b\n", "@a\\x20b\\x0a")]
    [InlineData("a\0b\0\0", "@a\\x00b\\x00\\x00")]
    [InlineData("back\\x41", "@back\\\\x41")]
    [InlineData("Grüße", "@Grüße")]
    [InlineData("\u202edexe", "@\\xe2\\x80\\xaedexe")]
    [InlineData("\ufffd", "@\\xef\\xbf\\xbd")]
    public void Spell_IsOneHarmlessWord(string name, string text) => Assert.Equal(text, AbstractName.Spell(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("@a\\xffb", "61ff62")]
    [InlineData("@a\\XFF", "615c584646")]
    [InlineData("@\\xf", "5c7866")]
    [InlineData("@a\\", "615c")]
    [InlineData("@\\\\x00", "5c783030")]
    public void Read_TakesEscapesAndLeavesOtherBackslashes(string text, string name) => Assert.Equal(name, Convert.ToHexStringLower(AbstractName.Read(text)));

    [Fact]
    public void WhatIsSpelled_IsReadBack_WhateverTheBytes()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var name = new byte[random.Next(1, AbstractName.MaximumBytes)];
            random.NextBytes(name);
            var text = AbstractName.Spell(name);
            Assert.Equal(name, AbstractName.Read(text));
            // Typed as it is printed, it is the same target.
            Assert.Equal(text, TargetParser.Parse(text).Value?.Path);
            Assert.Equal(text, TargetParser.Parse(AbstractName.FromTyped(Encoding.UTF8.GetBytes(text[1..]))).Value?.Path);
        }
    }

    [Fact]
    public void NameThatFillsTheAddressWithNuls_IsTheNameWithoutThem() =>
        Assert.Equal("@padded", TargetParser.Parse("@padded" + string.Concat(Enumerable.Repeat("\\x00", AbstractName.MaximumBytes - 6))).Value?.Path);

    [Fact]
    public void NameThatIsTooLong_IsSaidToBe() =>
        Assert.Contains("107", TargetParser.Parse("@" + string.Concat(Enumerable.Repeat("\\xff", AbstractName.MaximumBytes + 1))).Error, StringComparison.Ordinal);
}
