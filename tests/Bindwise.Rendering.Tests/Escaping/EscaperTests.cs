using System.Globalization;
using System.Text;
using Bindwise.Rendering.Escaping;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Escaping;

[Trait("Seed", "any")]
public class EscaperTests
{
    [Theory]
    [InlineData("node server.js", "node server.js")]
    [InlineData("", "")]
    [InlineData("a\nb\tc\rd", "a\\nb\\tc\\rd")]
    [InlineData("\u001b[31mred\u001b[0m", "\\e[31mred\\e[0m")]
    [InlineData("nul\0end", "nul\\u{0}end")]
    [InlineData("bell\u0007del\u007f", "bell\\u{7}del\\u{7F}")]
    [InlineData("c1\u009b31m", "c1\\u{9B}31m")]
    [InlineData("\u202Etxt.exe\u202C", "\\u{202E}txt.exe\\u{202C}")]
    [InlineData("iso\u2066late\u2069", "iso\\u{2066}late\\u{2069}")]
    [InlineData("line\u2028para\u2029", "line\\u{2028}para\\u{2029}")]
    [InlineData("zero\u200Bwidth\uFEFF", "zero\\u{200B}width\\u{FEFF}")]
    [InlineData("soft\u00ADhyphen", "soft\\u{AD}hyphen")]
    [InlineData("non\uFFFEcharacter\uFDD0", "non\\u{FFFE}character\\u{FDD0}")]
    [InlineData("tag\U000E0041", "tag\\u{E0041}")]
    [InlineData("byte\\xff", "byte\\xff")]
    [InlineData("C:\\new", "C:\\new")]
    [InlineData("Grüße, 世界 🎉", "Grüße, 世界 🎉")]
    [InlineData("e\u0301", "e\u0301")]
    [InlineData("private\uE000", "private\uE000")]
    public void Escape_Text_ShowsWhatWouldHarm(string text, string shown) => Assert.Equal(shown, Escaper.Escape(text));

    [Fact]
    public void Escape_LoneSurrogates_ShowsThem() =>
        Assert.Equal("lone\\u{D800}surrogate\\u{DC00}", Escaper.Escape("lone\uD800surrogate\uDC00"));

    [Fact]
    public void Escape_Null_IsEmpty() => Assert.Equal("", Escaper.Escape(null));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abcdef", 1, "…")]
    [InlineData("ab\ncd", 6, "ab\\ncd")]
    [InlineData("ab\ncd", 5, "ab\\n…")]
    [InlineData("ab\ncd", 4, "ab…")]
    [InlineData("ab\u202E", 5, "ab…")]
    [InlineData("🎉🎉🎉", 3, "🎉🎉🎉")]
    [InlineData("🎉🎉🎉", 2, "🎉…")]
    public void Escape_TextBeyondTheLimit_IsCutBetweenCharacters(string text, int limit, string shown) =>
        Assert.Equal(shown, Escaper.Escape(text, limit));

    [Fact]
    public void Escape_LimitBelowOne_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => Escaper.Escape("a", 0));

    [Fact]
    public void Escape_AnyText_HoldsNothingThatATerminalObeys() =>
        Prop.ForAll(HostileText.Arbitrary, text => IsHarmless(Escaper.Escape(text))).Holds();

    [Fact]
    public void Escape_AnyText_KeepsToTheLimit() =>
        Prop.ForAll(HostileText.Arbitrary, Gen.Choose(1, 40).ToArbitrary(),
            (text, limit) => Escaper.Escape(text, limit).EnumerateRunes().Count() <= limit).Holds();

    [Fact]
    public void Escape_WhatWasEscaped_StaysAsItIs() =>
        Prop.ForAll(HostileText.Arbitrary, text => Escaper.Escape(Escaper.Escape(text)) == Escaper.Escape(text)).Holds();

    internal static bool IsHarmless(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text, i)) && !(i > 0 && char.IsSurrogatePair(text, i - 1)))
                return false;
        }
        return text.EnumerateRunes().All(rune => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate));
    }
}
