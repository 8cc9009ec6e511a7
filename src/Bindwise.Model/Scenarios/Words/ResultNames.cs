using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>
/// What a step can give, by name: ok, Linux's errno names (asm-generic/errno-base.h and errno.h), the scenario's own two, and of steps that
/// ask for it a socket's state, or its address and port.
/// </summary>
internal static class ResultNames
{
    private static readonly string[] States =
        [.. Enum.GetValues<TcpSocketState>().Select(static state => TcpStateNames.Of(state, Protocol.Tcp)),
            TcpStateNames.Of(TcpSocketState.Close, Protocol.Udp), StepResult.Closed];

    private static readonly HashSet<string> Known =
    [
        .. States,
        StepResult.Ok, StepResult.NoSocket, StepOutcome.NotMet,
        "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES", "EFAULT",
        "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG",
        "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY",
        "ELOOP",
        "ENOMSG", "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE", "EBADR", "EXFULL",
        "ENOANO", "EBADRQC", "EBADSLT", "EBFONT", "ENOSTR", "ENODATA", "ETIME", "ENOSR", "ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV",
        "ESRMNT", "ECOMM", "EPROTO", "EMULTIHOP", "EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG", "ELIBACC", "ELIBBAD",
        "ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE",
        "ENOPROTOOPT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL",
        "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS",
        "ETIMEDOUT", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM", "ENAVAIL",
        "EISNAM", "EREMOTEIO", "EDQUOT", "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED", "ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED",
        "EOWNERDEAD", "ENOTRECOVERABLE", "ERFKILL", "EHWPOISON",
    ];

    /// <summary>Reads a result's name, by its second names too; gives null, or what is wrong.</summary>
    public static string? Read(string text, out string result)
    {
        var endpoint = EndpointNames.Read(text);
        result = text switch
        {
            "EWOULDBLOCK" => "EAGAIN",
            "ENOTSUP" => "EOPNOTSUPP",
            "EDEADLOCK" => "EDEADLK",
            _ => endpoint ?? text,
        };
        if (endpoint is not null || Known.Contains(result))
            return null;
        var near = Nearest.To(text, Known);
        return $"{Fault.Quote(text)} is not a result; "
            + (near is null ? "write ok, an errno such as EADDRINUSE, a state such as TIME_WAIT, or an address with a port"
                : $"did you mean {near}?");
    }

    /// <summary>The text is written as rules' ids are (BW004, BWA012); whether such a rule exists is the player's to say.</summary>
    public static bool IsRule(string text) =>
        text.Length is > 2 and <= 16 && text.StartsWith("BW", StringComparison.Ordinal)
            && text.AsSpan(2).IndexOfAnyExceptInRange('0', 'Z') < 0 && text.All(char.IsAsciiLetterOrDigit);
}

/// <summary>
/// The result of a step that asks for a socket's name: <c>127.0.0.1:8080</c>, <c>[::]:8080</c>, or <c>127.0.0.1:auto</c> with a port that
/// the system chose.
/// </summary>
internal static class EndpointNames
{
    private const string Automatic = ":" + StepResult.AutomaticPort;
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
        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? Of(address, port)
            : null;
    }

    /// <param name="port">The port; null for one that the system chose.</param>
    public static string Of(IpAddress address, ushort? port) =>
        port is { } number ? new IpEndpoint(address, number).ToString() : address.Bracketed + Automatic;
}
