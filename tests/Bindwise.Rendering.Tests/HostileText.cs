using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests;

/// <summary>Texts as a hostile process would choose them.</summary>
internal static class HostileText
{
    private static readonly string[] Pieces =
    [
        "a", "node", " ", "  ", "/tmp/x", "\\xff", "\n", "\r", "\t", "\u001b[2J", "\u009b", "\0", "\u007f", "\u202e", "\u2066", "\u200f", "\u061c",
        "\u2028", "\u2029", "\ufeff", "\u200d", "\u00ad", "\ud83c", "\udf89", "🎉", "世", "e\u0301", "\uffff", "\ufdd0", "\U000E0001", "\"", "\\", "'", "{", "\ue000",
    ];

    private static readonly Gen<string> Generator = Gen.OneOf(
        Gen.Elements(Pieces).ListOf().Select(string.Concat),
        Gen.Choose(0, 0xffff).Select(unit => ((char)unit).ToString()).ListOf().Select(string.Concat));

    public static Arbitrary<string> Arbitrary { get; } = Generator.ToArbitrary();
}
