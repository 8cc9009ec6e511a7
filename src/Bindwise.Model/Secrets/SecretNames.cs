using System.Collections.Immutable;

namespace Bindwise.Model.Secrets;

/// <summary>Which names of options, variables and fields stand before a secret.</summary>
internal static class SecretNames
{
    /// <summary>A name whose last word ends so holds a secret: <c>password</c>, <c>sslpassword</c>, <c>DB_PASSWORD</c>; <c>password-file</c> does not.</summary>
    private static readonly ImmutableArray<string> Endings =
    [
        "password", "passwd", "passphrase", "secret", "apikey", "authkey", "accesskey", "secretkey", "privatekey", "accountkey", "masterkey",
        "requirepass", "masterauth", "storepass", "keypass", "userpass", "credential", "credentials", "authtoken", "accesstoken", "apitoken",
        "setcookie", "userpw", "rootpw", "adminpw",
    ];

    /// <summary>Whole last words.</summary>
    private static readonly ImmutableHashSet<string> Words =
        ImmutableHashSet.Create(StringComparer.Ordinal, "pass", "pwd", "pw", "psk", "token", "jwt", "bearer", "authorization", "cookie");

    /// <summary>What stands before the last word "key" where the key is a secret; a <c>--key server.key</c> is a file.</summary>
    private static readonly ImmutableHashSet<string> SecretKeys = ImmutableHashSet.Create(
        StringComparer.Ordinal,
        "api", "auth", "access", "secret", "private", "account", "master", "shared", "encryption", "signing", "app", "license", "storage", "subscription");

    /// <summary>Whether what stands behind the name is a secret.</summary>
    /// <param name="name">An option with its dashes, a variable, a header or a field.</param>
    public static bool IsSecret(ReadOnlySpan<char> name)
    {
        name = name.TrimStart("-/");
        // The working directory, as env hands it on.
        if (name.Length is 0 or > 128 || name is "PWD" or "OLDPWD")
            return false;
        var (last, before) = LastWords(name);
        if (last is "base" && before is "key")
            return true;
        if (last is "key")
            return SecretKeys.Contains(before);
        return Words.Contains(last) || Endings.Any(ending => last.EndsWith(ending, StringComparison.Ordinal));
    }

    /// <summary>A key of which the name alone does not tell: <c>STRIPE_KEY</c>, <c>--key</c>.</summary>
    public static bool IsKey(ReadOnlySpan<char> name) => LastWords(name.TrimStart("-/")).Last == "key";

    // DB_PASSWORD, db.password, dbPassword, X-Api-Key: in lower case.
    private static (string Last, string Before) LastWords(ReadOnlySpan<char> name)
    {
        var end = name.Length;
        var last = TakeLast(name, ref end);
        return (last, TakeLast(name, ref end));
    }

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
        var word = name[start..end].ToString().ToLowerInvariant();
        end = start;
        return word;
    }
}
