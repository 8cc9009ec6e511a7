namespace Bindwise.Model.Secrets;

/// <summary>What the name of an option, a variable, a header or a field says of its value.</summary>
internal enum SecretKind
{
    Harmless,
    Secret,

    /// <summary>It is a secret key, or the name of the file that holds one.</summary>
    SecretKey,

    /// <summary>It is a secret if it looks like one: <c>STRIPE_KEY</c>, <c>--tokens</c>.</summary>
    ByAppearance,

    /// <summary>It is user:password, or something else without a colon.</summary>
    Login,
}

/// <summary>
/// Which names stand before a secret. A name is read in words: <c>DB_PASSWORD</c>, <c>db.password</c>, <c>dbPassword</c>, <c>X-Api-Key</c>.
/// </summary>
internal static class SecretNames
{
    /// <summary>
    /// Its last word ends so: <c>password</c>, <c>sslpassword</c>, <c>--dbpass</c>, <c>--bindpw</c>; <c>password-file</c> does not.
    /// </summary>
    private static readonly ImmutableArray<string> Endings =
    [
        "password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "passkey", "secret", "token", "pass", "pwd", "pw", "psk",
        "jwt", "apikey", "authkey",
        "accesskey", "secretkey", "privatekey", "privkey", "accountkey", "masterkey", "sharedkey", "encryptionkey", "signingkey",
        "licensekey", "hmackey", "requirepass",
        "masterauth", "credential", "credentials", "setcookie", "mnemonic", "seedphrase", "userpin", "sopin", "authorization", "bearer",
        "cookie",
    ];

    /// <summary>Words that end so and mean something else.</summary>
    private static readonly HashSet<string> OtherWords = new(StringComparer.Ordinal)
    {
        "bypass", "compass", "encompass", "surpass", "trespass", "overpass", "underpass", "multipass", "singlepass", "onepass", "twopass",
        "lowpass", "highpass",
        "bandpass", "allpass", "keepass", "subtoken", "detoken",
    };

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal) { "totp", "otp", "wif", "nsec", "xprv" };

    /// <summary>What stands before the last word "key" where the key is a secret; a <c>--key server.key</c> is a file.</summary>
    private static readonly HashSet<string> SecretKeys = new(StringComparer.Ordinal)
    {
        "api", "auth", "access", "secret", "private", "account", "master", "shared", "encryption", "encrypt", "signing", "sign", "app",
        "license", "storage", "subscription",
        "cookie", "session", "jwt", "hmac", "setup", "join", "preauth", "unseal", "recovery", "security", "consumer", "functions", "write",
        "read", "instrumentation", "wallet",
        "preshared", "stream", "cipher", "crypt", "service", "registration", "passwd", "password", "sas", "rest", "token", "webhook",
        "host-function",
    };

    /// <summary>What stands before the last word "key" or "token" where nothing is secret.</summary>
    private static readonly HashSet<string> PublicBefore = new(StringComparer.Ordinal)
    {
        "public", "pub", "partition", "cache", "idempotency", "surrogate", "routing", "sort", "primary", "foreign", "group", "range", "row",
        "hot", "max", "min", "num",
        "eos", "bos", "pad", "unk", "sep", "mask", "stop", "special", "start", "end", "next", "create", "per", "websocket", "cluster",
    };

    /// <summary>What may follow the telling word: <c>DB_PASSWORD_PROD</c>, <c>password2</c>, <c>SECRET_KEY_BASE</c>.</summary>
    private static readonly HashSet<string> Qualifiers = new(StringComparer.Ordinal)
    {
        "value", "string", "text", "plain", "plaintext", "raw", "base", "b64", "base64", "hex", "prod", "production", "dev", "development",
        "staging", "stage", "test", "live",
        "main", "primary", "secondary", "old", "new", "current", "previous", "default", "ro", "rw", "admin", "root", "master", "replica",
        "enc", "encoded", "hash", "salt",
        "confirm", "confirmation", "again", "a", "b", "x",
    };

    /// <summary>What the name says of the value that follows it.</summary>
    /// <param name="name">An option with its dashes, a variable, a header or a field.</param>
    public static SecretKind KindOf(ReadOnlySpan<char> name)
    {
        name = WithoutMarks(name);
        if (name.Length is 0 or > 128 || name.ContainsAny("= *"))
            return SecretKind.Harmless;
        var end = name.Length;
        var last = TakeLast(name, ref end);
        for (var dropped = 0; dropped < 3 && end > 0 && (last.Length == 0 || Qualifiers.Contains(last)); dropped++)
            last = TakeLast(name, ref end);
        var before = TakeLast(name, ref end);
        return last switch
        {
            "" => SecretKind.Harmless,
            "key" or "keys" when PublicBefore.Contains(before) => SecretKind.Harmless,
            "key" => SecretKeys.Contains(before) || SecretKeys.Contains(TakeLast(name, ref end)) && before is "api" or "access"
                ? SecretKind.SecretKey : SecretKind.ByAppearance,
            "keys" or "tokens" or "secrets" or "passwords" or "sas" or "pat" => SecretKind.ByAppearance,
            "id" => before is "secret" ? SecretKind.ByAppearance : SecretKind.Harmless,
            "phrase" => before is "seed" or "recovery" or "pass" or "secret" or "backup" ? SecretKind.Secret : SecretKind.Harmless,
            "token" when PublicBefore.Contains(before) => SecretKind.Harmless,
            "login" or "auth" or "creds" or "basicauth" or "proxyauth" or "httpauth" or "userpass" or "userpwd" => SecretKind.Login,
            "credential" or "credentials" or "privkey" or "privatekey" => SecretKind.SecretKey,
            [.., 'k', 'e', 'y'] when SecretKeys.Contains(last[..^3]) => SecretKind.SecretKey,
            _ when OtherWords.Contains(last) => SecretKind.Harmless,
            _ => Words.Contains(last) || EndsSecret(last) ? SecretKind.Secret : SecretKind.Harmless,
        };
    }

    /// <param name="name">The name, with its dashes if it is an option's.</param>
    public static bool Hides(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (SecretValues.IsPlain(value))
            return false;
        return KindOf(name) switch
        {
            SecretKind.Secret => !SecretValues.IsReference(value) && !IsPass(name, value),
            SecretKind.SecretKey => !SecretValues.IsReference(value) && !SecretValues.IsFile(value),
            SecretKind.ByAppearance => SecretValues.LooksRandom(value) || TokenShapes.IsToken(value),
            SecretKind.Login => !value.Contains(':') && SecretValues.LooksRandom(value),
            _ => false,
        };
    }

    /// <summary>
    /// Where the password begins in the login that a name takes: user:password, or user/password as Neo4j has it; 0 for none.
    /// </summary>
    public static int PasswordAt(ReadOnlySpan<char> name, ReadOnlySpan<char> value) =>
        name is not "NEO4J_AUTH" ? SecretValues.PasswordAt(value)
        : value.IndexOf('/') is > 0 and var slash && !SecretValues.IsPlain(value[(slash + 1)..]) ? slash + 1 : 0;

    /// <summary>A parameter that is a secret in a URL's query and a common word elsewhere.</summary>
    public static bool IsParameter(ReadOnlySpan<char> name)
    {
        var end = name.Length;
        return TakeLast(name, ref end) is "sig" or "signature" or "hmac" or "auth" or "key" or "code" or "ticket" or "assertion"
            or "session" or "sid" or [.., 's', 'e', 's', 's', 'i', 'o', 'n', 'i', 'd'];
    }

    /// <summary>An option that names a user, and may take the password along.</summary>
    public static bool IsUser(ReadOnlySpan<char> name)
    {
        var end = name.Length;
        return name.Length <= 128 && TakeLast(name, ref end) is "user" or "users" or "account";
    }

    // ffmpeg -pass 1; and the working directory, as env hands it on.
    private static bool IsPass(ReadOnlySpan<char> name, ReadOnlySpan<char> value) => WithoutMarks(name) switch
    {
        "pass" or "otp" => value.Length <= 2 && !value.ContainsAnyExceptInRange('0', '9'),
        var plain => plain.EndsWith("pwd", StringComparison.OrdinalIgnoreCase) && value[0] == '/',
    };

    private static bool EndsSecret(string word) => Endings.Any(ending => word.EndsWith(ending, StringComparison.Ordinal));

    // -Dname and -J-Dname of Java, -Pname of Gradle, -Ename of Elasticsearch.
    private static ReadOnlySpan<char> WithoutMarks(ReadOnlySpan<char> name)
    {
        if (name.StartsWith("-J-D", StringComparison.Ordinal))
            return name[4..];
        if (name.Length > 2 && name[0] == '-' && (name[1] == 'D' ? char.IsLetter(name[2]) : name[1] is 'P' or 'E' && char.IsLower(name[2])))
            return name[2..];
        return name.TrimStart("-/+_");
    }

    // In lower case, without the number at its end.
    private static string TakeLast(ReadOnlySpan<char> name, ref int end)
    {
        while (end > 0 && !char.IsLetterOrDigit(name[end - 1]))
            end--;
        var start = end;
        while (start > 0 && char.IsLetterOrDigit(name[start - 1]))
        {
            start--;
            if (start > 0 && char.IsUpper(name[start]) && char.IsLower(name[start - 1]))
                break;
        }
        var word = name[start..end].TrimEnd("0123456789").ToString().ToLowerInvariant();
        end = start;
        return word;
    }
}
