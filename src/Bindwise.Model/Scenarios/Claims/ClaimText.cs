namespace Bindwise.Model.Scenarios.Claims;

/// <summary>Claims as text: a .bind file that starts with <c>claim ID</c>. docs/lab.md says how to write one.</summary>
internal static class ClaimText
{
    /// <summary>A longer text is refused: 1 Mi characters.</summary>
    public const int MaximumChars = 1024 * 1024;

    public const int MaximumCases = 64;

    /// <summary>The first word of the text that is no comment is <c>claim</c>: it is a claim file, and no scenario.</summary>
    public static bool IsClaim(ReadOnlySpan<char> text)
    {
        foreach (var range in text.TrimStart('\uFEFF').Split('\n'))
        {
            var line = text.TrimStart('\uFEFF')[range].Trim();
            if (line.IsEmpty || line[0] == '#')
                continue;
            return line.StartsWith(ClaimWords.Claim)
                && (line.Length == ClaimWords.Claim.Length || char.IsWhiteSpace(line[ClaimWords.Claim.Length]));
        }
        return false;
    }

    /// <summary>Reads a file. Never throws, whatever the text.</summary>
    public static ClaimParse Parse(string text) =>
        text.Length > MaximumChars
            ? new ClaimParse(null, [new ScenarioFault("the file is larger than 1 MiB; split the claim")])
            : new ClaimReader().Read(text.TrimStart('\uFEFF'));
}
