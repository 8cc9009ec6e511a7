using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.RateLimiting;
using Bindwise.Dashboard.Answers;
using Bindwise.Linux.Files;

namespace Bindwise.Dashboard.Serving;

/// <summary>Who may ask, and over what: read from files once, before the server starts.</summary>
internal sealed record AccessRules
{
    public const string Cookie = "bindwise-token";

    // Whoever has the token is never kept out, so guesses can only be made hopeless: 16 signs are 64 bits even of hexadecimal ones.
    private const int LeastTokenLength = 16;
    private const int MostTokenBytes = 4096;
    private const int MostPemBytes = 1024 * 1024;
    private const string Bearer = "Bearer ";

    /// <summary>The token as bytes; null where none is asked for.</summary>
    public byte[]? Token { get; init; }

    /// <summary>The certificate with its key; null for plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The certificates between that and one that clients know.</summary>
    public X509Certificate2Collection Chain { get; init; } = [];

    /// <summary>A cookie is for encrypted connections alone.</summary>
    public bool HasSecureCookies { get; init; }

    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public static AccessRules? Read(ServeSettings settings, out string? fault)
    {
        fault = null;
        if (settings.SpeaksTls && !TlsLibrary.IsThere())
        {
            fault = "TLS needs OpenSSL, which this system lacks: install it (Debian: the package openssl), or let a proxy speak TLS "
                + "(--behind-tls-proxy)";
            return null;
        }
        var token = settings.TokenFile is { } tokenFile ? ReadToken(tokenFile, out fault) : null;
        if (fault is not null)
            return null;
        var rules = new AccessRules { Token = token, HasSecureCookies = settings.IsBehindTlsProxy || settings.CertificateFile is not null };
        if (settings.CertificateFile is not { } file)
            return rules;
        try
        {
            var pem = ReadPem(file);
            if (!pem.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            {
                fault = $"{file} holds no certificate in PEM (a block of BEGIN CERTIFICATE)";
                return null;
            }
            var keyPem = settings.KeyFile is { } keyFile ? ReadPem(keyFile) : pem;
            if (KeyFault(keyPem, settings) is { } missing)
            {
                fault = missing;
                return null;
            }
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            var certificate = X509Certificate2.CreateFromPem(pem, keyPem);
            return rules with { Certificate = certificate, Chain = chain };
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or ArgumentException)
        {
            var with = settings.KeyFile is { } key ? $" with the key {key}" : "";
            // What .NET says of a key that belongs to another certificate names a parameter of its own.
            var what = exception is ArgumentException ? "the key does not belong to the certificate" : exception.Message;
            fault = $"the certificate {file}{with} cannot be used: {what}";
        }
        return null;
    }

    /// <summary>Why there is no key to be had from the text; null where there is one.</summary>
    private static string? KeyFault(string pem, ServeSettings settings)
    {
        var file = settings.KeyFile ?? settings.CertificateFile;
        return pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
                || pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal)
                ? $"the key in {file} is encrypted: decrypt it to a file that only its owner may read (openssl pkey -in {file})"
            : pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? null
            : settings.KeyFile is null ? $"{file} holds no key: give the key's file with --tls-key" : $"{file} holds no key in PEM";
    }

    /// <summary>Whether a request has the token, in its header or in the page's cookie; true where none is asked for.</summary>
    public bool Admits(HttpRequest request, out bool isWrong)
    {
        isWrong = false;
        if (Token is null)
            return true;
        // A header of another scheme is for somebody else: a proxy with a password of its own passes on what the browser sent it.
        var given = request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetBytes(header[Bearer.Length..].Trim())
            : request.Cookies[Cookie] is { } cookie ? FromCookie(cookie) : null;
        if (given is null)
            return false;
        isWrong = !IsToken(given);
        return !isWrong;
    }

    /// <summary>Whether these bytes are the token; it takes as long whatever they are.</summary>
    public bool IsToken(ReadOnlySpan<byte> given) => CryptographicOperations.FixedTimeEquals(given, Token);

    public string CookieValue() => Base64Url.EncodeToString(Token);

    private static byte[]? FromCookie(string value) =>
        value.Length <= MostTokenBytes * 2 && Base64Url.IsValid(value) ? Base64Url.DecodeFromChars(value) : null;

    private static string ReadPem(string path) => RegularFile.Read(path, MostPemBytes, followsLinks: true, out var fault) is { } bytes
        ? Encoding.UTF8.GetString(bytes) : throw new IOException($"{path}: {fault ?? "no such file or folder"}");

    private static byte[]? ReadToken(string path, out string? fault)
    {
        if (RegularFile.ReadSecret(path, MostTokenBytes, out fault) is not { } content)
        {
            fault = $"the token file {path} {fault}";
            return null;
        }
        var token = Encoding.UTF8.GetString(content).Split('\n')[0].Trim();
        if (token.Length == 0 || token.Any(static letter => letter is <= ' ' or > '~'))
            fault = $"the token file {path} has no token: its first line has to be {LeastTokenLength} to {MostTokenBytes} letters, digits "
                + "and signs, without blanks";
        else if (token.Length < LeastTokenLength)
            fault = $"the token in {path} is too short: {LeastTokenLength} characters or more cannot be guessed; "
                + "make one with openssl rand -hex 32";
        return fault is null ? Encoding.UTF8.GetBytes(token) : null;
    }
}

/// <summary>
/// Wrong tokens: a few now and then are told so, many are told to wait. That stops no guessing, since whoever has the token is never kept
/// out: the token's length does.
/// </summary>
internal sealed class TokenGuesses : IDisposable
{
    private readonly TokenBucketRateLimiter _allowance = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 20,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(3),
        QueueLimit = 0,
    });

    /// <summary>Counts one.</summary>
    /// <exception cref="ProblemException">They are too many.</exception>
    public void Count()
    {
        using var one = _allowance.AttemptAcquire();
        if (!one.IsAcquired)
            throw new ProblemException(Problem.TooMany, "too many wrong tokens were sent");
    }

    public void Dispose() => _allowance.Dispose();
}

/// <summary>OpenSSL. The runtime loads it at the first use of TLS; where there is none it ends the process, uncatchably.</summary>
internal static class TlsLibrary
{
    // Those that the runtime takes, by the ends of their names.
    private static readonly string[] Versions = ["3", "1.1", "1.0.2", "1.0.0", "10"];

    public static bool IsThere() =>
        Versions.Prepend(Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE") ?? "3")
            .Any(static version => NativeLibrary.TryLoad("libssl.so." + version, out _));
}
