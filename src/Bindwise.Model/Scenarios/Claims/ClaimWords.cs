using System.Buffers;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>The words of a claim's head, and what its ids and texts may be.</summary>
internal static class ClaimWords
{
    public const string Claim = "claim";
    public const string Says = "says";
    public const string Source = "source";
    public const string About = "about";
    public const string Verdict = "verdict";
    public const string Note = "note";
    public const string See = "see";
    public const string Case = "case";

    private const int MostIdChars = 64;
    private const int MostTextChars = 4_000;

    private static readonly SearchValues<char> IdChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>The words that start a line of the head.</summary>
    public static readonly string[] Head = [Claim, Says, Source, About, Verdict, Note, See, Case];

    /// <summary>Null, or what is wrong with an id: of a claim, of a case, of what it is about.</summary>
    public static string? OfId(string id) =>
        id.Length is > 0 and <= MostIdChars && char.IsAsciiLetterLower(id[0]) && !id.AsSpan().ContainsAnyExcept(IdChars)
            ? null
            : $"an id is up to {MostIdChars} small letters, digits and -, a letter first";

    /// <summary>Null, or what is wrong with a text for people.</summary>
    public static string? OfText(string text) => text.Trim().Length == 0 ? "the text is empty; say it in a sentence"
        : text.Length > MostTextChars ? $"the text has {text.Length} characters, more than {MostTextChars}; give a shorter one"
        : text.Any(char.IsControl) ? "the text holds a character that cannot be seen; take it out"
        : null;

    /// <summary>A verdict as it is written; null for a word that is none.</summary>
    public static ClaimVerdict? VerdictOf(string word) => word switch
    {
        "true" => ClaimVerdict.True,
        "false" => ClaimVerdict.False,
        "conditional" => ClaimVerdict.Conditional,
        "unknown" => ClaimVerdict.Unknown,
        _ => null,
    };
}
