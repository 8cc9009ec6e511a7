using System.Buffers;

namespace Bindwise.Model.Secrets;

/// <summary>Tokens that are known by their look, whatever stands before them. Source: the issuers' own pages on secret scanning.</summary>
internal static class TokenShapes
{
    /// <summary>How a token begins, and the fewest characters that such a token has.</summary>
    private static readonly ImmutableArray<(string Prefix, int Length)> Prefixes =
    [
        // Code hosts and package registries
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 30), ("glpat-", 20), ("gldt-", 20),
        ("glrt-", 20), ("glptt-", 20), ("glft-", 20),
        ("glcbt-", 20), ("glimt-", 20), ("glagent-", 20), ("glsoat-", 20), ("glffct-", 20), ("GR1348941", 20), ("ATBB", 30), ("ATATT3", 30),
        ("ATCTT3", 30), ("BBDC-", 30),
        ("npm_", 30), ("pypi-", 30), ("oy2", 43), ("rubygems_", 30), ("dckr_pat_", 20), ("dckr_oat_", 20), ("AKCp", 40), ("cmVmd", 50),
        ("CCIPAT_", 30), ("bkua_", 30),
        ("sgp_", 30), ("cio", 35),
        // Clouds
        ("AKIA", 20), ("ASIA", 20), ("ABIA", 20), ("ACCA", 20), ("AIza", 35), ("ya29.", 20), ("GOCSPX-", 20), ("1//0", 40), ("LTAI", 16),
        ("AKID", 30), ("dop_v1_", 30), ("doo_v1_", 30),
        ("dor_v1_", 30), ("sbp_", 30), ("sb_secret_", 20), ("pscale_tkn_", 20), ("pscale_pw_", 20), ("pscale_oauth_", 20), ("fm1_", 30),
        ("fm2_", 30), ("fo1_", 30),
        ("nfp_", 30), ("rnd_", 24), ("pul-", 30), ("amzn.mws.", 30), ("AQVN", 35), ("t1.9eu", 50), ("HRKU-", 30),
        ("vcp_", 30),
        // Infrastructure
        ("hvs.", 20), ("hvb.", 20), ("hvr.", 20), ("SWMTKN-1-", 20), ("tskey-", 16), ("nvapi-", 30), ("AGE-SECRET-KEY-1", 30), ("glc_", 30),
        ("glsa_", 30), ("NRAK-", 20),
        ("NRII-", 20), ("NRAA-", 20), ("dp.pt.", 30), ("dp.st.", 30), ("dp.ct.", 30), ("ops_eyJ", 40), ("sntrys_", 30), ("sntryu_", 30),
        ("ory_at_", 20), ("ory_st_", 20),
        ("phx_", 30), ("PMAK-", 30), ("K10", 40), ("kps_", 20),
        // Chat, mail and pay
        ("xoxb-", 20), ("xoxp-", 20), ("xoxa-", 20), ("xoxe-", 20), ("xoxe.", 20), ("xoxr-", 20), ("xoxs-", 20), ("xoxo-", 20),
        ("xoxc-", 20), ("xoxd-", 20), ("xapp-", 20), ("SG.", 40),
        ("xkeysib-", 30), ("xsmtpsib-", 30), ("key-", 36), ("sk_live_", 20), ("sk_test_", 20), ("rk_live_", 20), ("rk_test_", 20),
        ("whsec_", 20), ("sk_", 36), ("shpat_", 30),
        ("shpss_", 30), ("shpca_", 30), ("shppa_", 30), ("sq0atp-", 22), ("sq0csp-", 30), ("EAAA", 50), ("EAAC", 50), ("EZAK", 40),
        ("FLWSECK", 20), ("shippo_live_", 30),
        ("access_token$", 30), ("live_", 36), ("rzp_live_", 20), ("sk-", 24),
        // Models and others
        ("hf_", 20), ("gsk_", 30), ("xai-", 30), ("pplx-", 30), ("r8_", 30), ("lin_api_", 30), ("ntn_", 30), ("secret_", 40), ("figd_", 30),
        ("waka_", 30), ("dapi", 34),
        ("rdme_", 40), ("duffel_", 30), ("sl.", 80), ("sk.eyJ", 60), ("eyJ", 60), ("nsec1", 50), ("xprv", 100),
        // Password hashes of crypt(5)
        ("$1$", 20), ("$5$", 20), ("$6$", 20), ("$y$", 20), ("$2a$", 40), ("$2b$", 40), ("$2y$", 40), ("$apr1$", 20), ("$argon2", 30),
        ("{SSHA}", 20),
    ];

    private static readonly SearchValues<char> Firsts = SearchValues.Create([.. Prefixes.Select(p => p.Prefix[0]).Distinct()]);

    /// <summary>Letters that stand in a token; the first that does not ends it.</summary>
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/=~$");

    private static readonly SearchValues<char> Base64Url =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    private static readonly SearchValues<char> Base32 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

    public static bool IsToken(ReadOnlySpan<char> text) => LengthAt(text) is var length and > 0 && length == text.Length;

    /// <summary>How many characters of the text's beginning are a token; 0 for none.</summary>
    public static int LengthAt(ReadOnlySpan<char> text)
    {
        if (text.Length < 16)
            return 0;
        if (char.IsAsciiDigit(text[0]) && BotLength(text) is var bot and > 0)
            return bot;
        if (Firsts.Contains(text[0]))
        {
            foreach (var (prefix, least) in Prefixes)
            {
                // The first letter alone rules out nearly all of them, without a call.
                if (prefix[0] == text[0] && text.Length >= least && text.StartsWith(prefix, StringComparison.Ordinal)
                    && Run(text[prefix.Length..], Letters) + prefix.Length is var length && length >= least)
                    return length;
            }
        }
        return text[0] switch
        {
            'S' when text.Length >= 58 && text[1] is 'U' or 'A' or 'O' or 'C' or 'N' or 'X' && Run(text, Base32) == 58 => 58,
            'M' or 'N' or 'O' => DiscordLength(text),
            >= 'a' and <= 'z' => BootstrapLength(text),
            _ => 0,
        };
    }

    // A NATS seed is 58 characters of base32 (above). Telegram's: ten digits, a colon, 35 characters that begin with AA.
    private static int BotLength(ReadOnlySpan<char> text)
    {
        var digits = text[..Math.Min(text.Length, 12)].IndexOfAnyExceptInRange('0', '9');
        return digits >= 8 && text[digits] == ':' && text[(digits + 1)..].StartsWith("AA", StringComparison.Ordinal)
            && Run(text[(digits + 1)..], Base64Url) is var rest and >= 30 ? digits + 1 + rest : 0;
    }

    // Discord's: the account in base64, the time, a signature.
    private static int DiscordLength(ReadOnlySpan<char> text)
    {
        var account = Run(text, Base64Url);
        if (account is < 23 or > 28 || text.Length < account + 8 || text[account] != '.')
            return 0;
        var time = Run(text[(account + 1)..], Base64Url);
        var rest = account + 1 + time;
        return time is 6 or 7 && rest < text.Length && text[rest] == '.' && Run(text[(rest + 1)..], Base64Url) is var signature and >= 27
            ? rest + 1 + signature : 0;
    }

    // kubeadm's: six characters, a dot, sixteen characters, with a digit.
    private static int BootstrapLength(ReadOnlySpan<char> text) =>
        text.Length >= 23 && text[6] == '.' && (text.Length == 23 || !Letters.Contains(text[23]))
        && IsLowerOrDigit(text[..6]) && IsLowerOrDigit(text[7..23]) && text[7..23].ContainsAnyInRange('0', '9')
            && text[..6].ContainsAnyInRange('0', '9') ? 23 : 0;

    private static bool IsLowerOrDigit(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
                return false;
        }
        return true;
    }

    private static int Run(ReadOnlySpan<char> text, SearchValues<char> letters) =>
        text.IndexOfAnyExcept(letters) is var end and >= 0 ? end : text.Length;
}
