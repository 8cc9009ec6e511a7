using System.Collections.Frozen;
using System.Globalization;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>
/// What a step can give, by name: ok, Linux's errno names (asm-generic/errno-base.h and errno.h), the scenario's own two, and of steps
/// that ask for it a socket's state, or its address and port.
/// </summary>
internal static class ResultNames
{
    /// <summary>The result of an expectation that was not met.</summary>
    public const string NotMet = "EXPECT";

    private static readonly string[] States =
        [.. Enum.GetValues<TcpSocketState>().Select(static state => TcpStateNames.Of(state, Protocol.Tcp)), TcpStateNames.Of(TcpSocketState.Close, Protocol.Udp), StepResult.Closed];

    private static readonly FrozenSet<string> Known = FrozenSet.Create(StringComparer.Ordinal,
    [
        .. States,
        StepResult.Ok, StepResult.NoSocket, NotMet,
        "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES", "EFAULT",
        "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG",
        "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP",
        "ENOMSG", "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE", "EBADR", "EXFULL",
        "ENOANO", "EBADRQC", "EBADSLT", "EBFONT", "ENOSTR", "ENODATA", "ETIME", "ENOSR", "ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV",
        "ESRMNT", "ECOMM", "EPROTO", "EMULTIHOP", "EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG", "ELIBACC", "ELIBBAD",
        "ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE",
        "ENOPROTOOPT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL",
        "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS",
        "ETIMEDOUT", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM", "ENAVAIL",
        "EISNAM", "EREMOTEIO", "EDQUOT", "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED", "ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED",
        "EOWNERDEAD", "ENOTRECOVERABLE", "ERFKILL", "EHWPOISON",
    ]);

    /// <summary>Reads a result's name, by its second names too; gives null, or what is wrong.</summary>
    public static string? Read(string text, out string result)
    {
        result = text switch
        {
            "EWOULDBLOCK" => "EAGAIN",
            "ENOTSUP" => "EOPNOTSUPP",
            "EDEADLOCK" => "EDEADLK",
            _ => EndpointNames.Read(text) ?? text,
        };
        if (Known.Contains(result) || EndpointNames.Read(text) is not null)
            return null;
        var near = Nearest.To(text, Known);
        return $"{Fault.Quote(text)} is not a result; {(near is null ? "write ok, an errno such as EADDRINUSE, a state such as TIME_WAIT, or an address with a port" : $"did you mean {near}?")}";
    }

    /// <summary>The text is written as rules' ids are (BW004, BWA012); whether such a rule exists is the player's to say.</summary>
    public static bool IsRule(string text) =>
        text.Length is > 2 and <= 16 && text.StartsWith("BW", StringComparison.Ordinal) && text.AsSpan(2).IndexOfAnyExceptInRange('0', 'Z') < 0 && text.All(char.IsAsciiLetterOrDigit);
}

/// <summary>The result of a step that asks for a socket's name: <c>127.0.0.1:8080</c>, <c>[::]:8080</c>, or <c>127.0.0.1:auto</c> with a port that the system chose.</summary>
internal static class EndpointNames
{
    private const string Automatic = ":" + StepResult.AutomaticPort;

    /// <summary>Longer than any endpoint.</summary>
    private const int MaxChars = 80;

    /// <summary>The endpoint's text in its one spelling; null when the text is none.</summary>
    public static string? Read(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text.Length > MaxChars)
            return null;
        var isBracketed = text[0] == '[' && text[colon - 1] == ']';
        var host = isBracketed ? text[1..(colon - 1)] : text[..colon];
        if (!IpAddress.TryParse(host, out var address) || isBracketed != (address.Family == IpFamily.IPv6))
            return null;
        if (text[colon..] == Automatic)
            return Of(address, null);
        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? Of(address, port) : null;
    }

    /// <summary>The text of an endpoint.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port; null for one that the system chose.</param>
    public static string Of(IpAddress address, ushort? port)
    {
        var host = address.Family == IpFamily.IPv6 ? $"[{address}]" : address.ToString();
        return host + (port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : Automatic);
    }
}

/// <summary>Guesses which known word was meant.</summary>
internal static class Nearest
{
    private const int MaxWordChars = 64;

    /// <summary>The known word that differs least, in a few letters at most; null when none is near.</summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > MaxWordChars)
            return null;
        string? nearest = null;
        var least = Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < least)
                (nearest, least) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary><c>; did you mean X?</c>, or else the words that are known.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> known) =>
        To(word, known) is { } near ? $"; did you mean {near}?" : "; known are " + string.Join(", ", known);

    // Levenshtein's distance, where two neighbours that changed places count once.
    private static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last) = (last, row);
        }
        return last[b.Length];
    }
}
