using System.Globalization;

namespace Bindwise.Model.Targets.Errors;

/// <summary>An errno that a line names.</summary>
/// <param name="Name">The kernel's name, as <c>EADDRINUSE</c>.</param>
/// <param name="Start">Where the mention starts in the line.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct ErrnoMention(string Name, int Start, int End);

/// <summary>
/// The words and numbers by which texts name the errno of a bind. Sentences are translated (strerror(3) by locale,
/// Windows by its language), names and numbers are not: these are looked for as well.
/// </summary>
internal static class ErrnoWords
{
    private const string InUse = "EADDRINUSE";
    private const string NotAvailable = "EADDRNOTAVAIL";
    private const string Access = "EACCES";

    private static readonly (string Words, string Name)[] Sentences =
    [
        (InUse, InUse),
        (NotAvailable, NotAvailable),
        (Access, Access),
        ("EAFNOSUPPORT", "EAFNOSUPPORT"),
        ("address already in use", InUse),
        ("address is already in use", InUse),                          // Qt
        ("address in use", InUse),                                     // musl
        ("port is already allocated", InUse),                          // Docker
        ("already in use", InUse),                                     // Spring Boot, Vite and others, who name the port alone
        (" is in use", InUse),                                         // kubeadm
        ("addrinuse", InUse),                                          // Rust's ErrorKind, Deno
        ("addressalreadyinuse", InUse),                                // .NET's SocketError
        ("addressinuse", InUse),                                       // ASP.NET Core's AddressInUseException
        ("only one usage of each socket address", InUse),              // Windows, WSAEADDRINUSE
        ("cannot assign requested address", NotAvailable),
        ("can't assign requested address", NotAvailable),              // BSD, macOS
        ("address not available", NotAvailable),                       // musl, libuv
        ("requested address is not valid in its context", NotAvailable), // Windows
        ("permission denied", Access),
        ("forbidden by its access permissions", Access),               // Windows, WSAEACCES
        ("address family not supported", "EAFNOSUPPORT"),
        ("normalerweise darf jede socketadresse", InUse),              // Windows in other languages
        ("une seule utilisation de chaque adresse de socket", InUse),
        ("solo se permite un uso de cada dirección de socket", InUse),
        ("通常每个套接字地址", InUse),
    ];

    /// <summary>What stands before the number of an errno.</summary>
    private static readonly string[] NumberLeads = ["errno", "os error", "socketexception (", "code:", "winerror", "error code", "[system:"];

    /// <summary>Bare numbers in brackets, as nginx, Apache and PHP print them: only with these brackets, only these numbers.</summary>
    private static readonly (string Words, string Name)[] BracketedNumbers =
    [
        ("(98:", InUse), ("(98)", InUse), ("[98]", InUse),
        ("(48:", InUse), ("(48)", InUse), ("(10048", InUse), ("[10048]", InUse),
        ("(99:", NotAvailable), ("[99]", NotAvailable), ("(10049", NotAvailable),
        ("(13:", Access), ("[13]", Access), ("(10013", Access),
    ];

    /// <summary>The first mention of an errno in a line; false for none.</summary>
    public static bool TryFind(string line, out ErrnoMention mention)
    {
        mention = new("", int.MaxValue, int.MaxValue);
        foreach (var (words, name) in Sentences)
            TakeEarlier(line, words, name, ref mention);
        if (ErrnoTranslations.TryFind(line, out var translated) && translated.Start < mention.Start)
            mention = translated;
        foreach (var lead in NumberLeads)
            TakeNumber(line, lead, ref mention);
        if (mention.Start == int.MaxValue)
        {
            foreach (var (words, name) in BracketedNumbers)
                TakeEarlier(line, words, name, ref mention);
        }
        return mention.Start != int.MaxValue;
    }

    /// <summary>Whether a text names an errno of bind anywhere.</summary>
    public static bool Mentions(string text) => TryFind(text, out _);

    private static void TakeEarlier(string line, string words, string name, ref ErrnoMention mention)
    {
        var at = line.IndexOf(words, StringComparison.OrdinalIgnoreCase);
        if (at >= 0 && at < mention.Start)
            mention = new(name, at, at + words.Length);
    }

    private static void TakeNumber(string line, string lead, ref ErrnoMention mention)
    {
        var start = line.IndexOf(lead, StringComparison.OrdinalIgnoreCase);
        if (start < 0 || start >= mention.Start)
            return;
        var at = start + lead.Length;
        while (at < line.Length && line[at] is ' ' or ':' or '=' or '-' or '"' or '(' or '\'')
            at++;
        var end = at;
        while (end < line.Length && end - at < 6 && char.IsAsciiDigit(line[end]))
            end++;
        if (int.TryParse(line.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && NameOf(number) is { } name)
            mention = new(name, start, end);
    }

    /// <summary>Linux, BSD and macOS, Windows; the numbers of rarer systems mean something else here.</summary>
    private static string? NameOf(int number) => number switch
    {
        98 or 48 or 10048 => InUse,
        99 or 49 or 10049 => NotAvailable,
        13 or 10013 => Access,
        97 or 47 or 10047 => "EAFNOSUPPORT",
        _ => null,
    };
}
