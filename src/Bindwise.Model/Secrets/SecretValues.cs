using System.Collections.Immutable;

namespace Bindwise.Model.Secrets;

/// <summary>Texts that are secrets by what they look like, whatever stands before them, and texts that are none although a secret's name does.</summary>
internal static class SecretValues
{
    /// <summary>What stands for a secret.</summary>
    public const string Mask = "***";

    /// <summary>The beginnings of tokens of which the rest is secret, with the fewest characters that such a token has.</summary>
    private static readonly ImmutableArray<(string Prefix, int Length)> Prefixes =
    [
        ("AKIA", 20), ("ASIA", 20), ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 30), ("glpat-", 20),
        ("xoxb-", 20), ("xoxp-", 20), ("xoxa-", 20), ("xapp-", 20), ("sk-", 24), ("sk_live_", 20), ("sk_test_", 20), ("rk_live_", 20),
        ("AIza", 35), ("npm_", 30), ("hf_", 20), ("dckr_pat_", 20), ("SG.", 40), ("hvs.", 20), ("dop_v1_", 30), ("eyJ", 60), ("ya29.", 20),
    ];

    /// <summary>A token of a kind that is known by its beginning.</summary>
    public static bool IsToken(ReadOnlySpan<char> text)
    {
        foreach (var (prefix, length) in Prefixes)
        {
            if (text.Length >= length && text.StartsWith(prefix, StringComparison.Ordinal) && !text.ContainsAnyExcept(TokenLetters))
                return true;
        }
        return false;
    }

    /// <summary>Long, of letters and digits, and no path: what keys look like.</summary>
    public static bool LooksRandom(ReadOnlySpan<char> text) => text.Length >= 16 && text[0] is not ('/' or '.' or '~')
        && !text.ContainsAnyExcept(TokenLetters) && text.ContainsAnyInRange('0', '9') && text.ContainsAnyExceptInRange('0', '9')
        && !text.EndsWith(".pem", StringComparison.Ordinal) && !text.EndsWith(".key", StringComparison.Ordinal);

    /// <summary>Nothing to hide: no value, a switch, or what is hidden already.</summary>
    public static bool IsPlain(ReadOnlySpan<char> value) => value.Length == 0
        || value is Mask or "true" or "false" or "yes" or "no" or "on" or "off" or "none" or "null" or "True" or "False";

    /// <summary>A file's name where a key's text could stand.</summary>
    public static bool IsPath(ReadOnlySpan<char> value) => value.Length > 0 && (value[0] is '/' or '~' || value.StartsWith("./", StringComparison.Ordinal)
        || value.EndsWith(".pem", StringComparison.Ordinal) || value.EndsWith(".key", StringComparison.Ordinal) || value.EndsWith(".json", StringComparison.Ordinal));

    private static readonly System.Buffers.SearchValues<char> TokenLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/=");
}
