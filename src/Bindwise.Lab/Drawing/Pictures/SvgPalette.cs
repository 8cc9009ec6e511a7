using System.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// The colours of picture files. Every text colour has a contrast of at least 4.5 : 1 on the page, and on the ground of its own tone.
/// </summary>
internal static class SvgPalette
{
    private const string Page = "page";

    // Tone, then text and ground in light, text and ground in dark.
    private static readonly (Tone Tone, string Light, string LightGround, string Dark, string DarkGround)[] Colours =
    [
        (Tone.Plain, "#1f2328", "#eef1f4", "#e6edf3", "#21262d"),
        (Tone.Dim, "#57606a", "#eef1f4", "#9ea7b3", "#21262d"),
        (Tone.Strong, "#0b0f14", "#eef1f4", "#f5f8fb", "#21262d"),
        (Tone.Good, "#116329", "#dcf3e2", "#6fdd8b", "#12301d"),
        (Tone.Bad, "#a40e26", "#fde5e6", "#ff9a92", "#401a1d"),
        (Tone.Unknown, "#6e4a00", "#fbf0d0", "#e6bd57", "#352a0e"),
        (Tone.Rule, "#57606a", "#eef1f4", "#a9b3bf", "#21262d"),
        (Tone.Listening, "#0a5ab5", "#dfeeff", "#7cc0ff", "#122a45"),
        (Tone.Opening, "#0f6674", "#daf2f5", "#68d3df", "#0f3037"),
        (Tone.Open, "#116329", "#dcf3e2", "#6fdd8b", "#12301d"),
        (Tone.Closing, "#7a4300", "#fdecd8", "#f0b072", "#3a260f"),
        (Tone.Waiting, "#8a1c6b", "#fbe4f4", "#f59bd8", "#3d1734"),
        (Tone.Lit, "#0a5ab5", "#dfeeff", "#7cc0ff", "#122a45"),
        (Tone.Disturbed, "#a40e26", "#fde5e6", "#ff9a92", "#401a1d"),
    ];

    public static string Rules(SvgTheme theme)
    {
        var rules = new StringBuilder();
        Append(rules, isDark: theme == SvgTheme.Dark);
        if (theme == SvgTheme.Automatic)
        {
            rules.Append("@media (prefers-color-scheme: dark) {\n");
            Append(rules, isDark: true);
            rules.Append("}\n");
        }
        return rules.ToString();
    }

    public static string Class(Tone tone) => tone switch
    {
        Tone.Plain => "plain",
        Tone.Dim => "dim",
        Tone.Strong => "strong",
        Tone.Good => "good",
        Tone.Bad => "bad",
        Tone.Unknown => "unknown",
        Tone.Rule => "rule",
        Tone.Listening => "listening",
        Tone.Opening => "opening",
        Tone.Open => "open",
        Tone.Closing => "closing",
        Tone.Waiting => "waiting",
        Tone.Lit => "lit",
        _ => "disturbed",
    };

    // Three ways a tone is used: text and heads (fill), lines (stroke), grounds.
    private static void Append(StringBuilder rules, bool isDark)
    {
        rules.Append("svg { color-scheme: ").Append(isDark ? "dark" : "light").Append("; }\n");
        rules.Append('.').Append(Page).Append(" { fill: ").Append(isDark ? "#0d1117" : "#ffffff").Append("; }\n");
        foreach (var colour in Colours)
        {
            var name = Class(colour.Tone);
            var (text, ground) = isDark ? (colour.Dark, colour.DarkGround) : (colour.Light, colour.LightGround);
            rules.Append(".t-").Append(name).Append(" { fill: ").Append(text).Append("; } .l-").Append(name).Append(" { stroke: ")
                .Append(text)
                .Append("; } .g-").Append(name).Append(" { fill: ").Append(ground).Append("; }\n");
        }
        var line = isDark ? "#59636e" : "#8c959f";
        rules.Append(".l-dim { stroke: ").Append(line).Append("; } .h-dim { fill: ").Append(line).Append("; }\n");
    }
}
