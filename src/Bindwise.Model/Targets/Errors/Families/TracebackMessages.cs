namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Python's own errors name no address, but its tracebacks quote the source: <c>s.bind(('127.0.0.1', 65432))</c>, <c>TCPServer(("", 8000),
/// Handler)</c>, <c>app.run(host='0.0.0.0', port=5000)</c>. Only what is written out there is read.
/// </summary>
internal static class TracebackMessages
{
    private const int MaxLinesToError = 80;
    private const int MaxTries = 8;

    /// <summary>Calls whose first argument is the address, or the host with the port after it.</summary>
    private static readonly string[] AddressCalls = ["bind(", "Server(", "make_server(", "run_simple(", "listen(", "create_server(",
        "start_server(", "local_addr=("];

    private static readonly string[] KeywordCalls = ["run(", "serve(", "Server(", "listen(", "start("];

    /// <summary>Reads a quoted line of a traceback that ends in a failed bind.</summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (line == 0 || !IsFrame(text.Lines[line - 1]) || !words.Contains('(', StringComparison.Ordinal) || !EndsInFailedBind(text, line))
            return null;
        var where = ReadAddress(text, line) ?? ReadKeywords(words);
        if (where is not { } address)
            return null;
        var found = BindMention.At(address, RuntimeGuess.Around(text, line), line, ProtocolWords.Of(words), ProtocolSource.Assumed);
        return found.Rank == MentionRank.Full ? found with { Rank = MentionRank.Lesser } : found;
    }

    private static bool IsFrame(string line) =>
        line.Contains("File \"", StringComparison.Ordinal) && line.Contains("\", line ", StringComparison.Ordinal);

    /// <summary>The exception's own line names an errno of bind, before another traceback starts.</summary>
    private static bool EndsInFailedBind(ErrorText text, int line)
    {
        for (var i = line + 1; i < text.Lines.Count && i - line <= MaxLinesToError; i++)
        {
            var words = text.Lines[i];
            if (words.Contains("Traceback (most", StringComparison.Ordinal))
                return false;
            if (words.Contains("Error", StringComparison.OrdinalIgnoreCase) && ErrnoWords.Mentions(words))
                return true;
        }
        return false;
    }

    private static AddressMention? ReadAddress(ErrorText text, int line)
    {
        var words = text.Lines[line];
        foreach (var call in AddressCalls)
        {
            var at = words.IndexOf(call, StringComparison.Ordinal);
            for (var tries = 0; at >= 0 && tries < MaxTries; tries++)
            {
                var arguments = at + call.Length;
                if (EndpointReader.TryRead(words, arguments - 1, out var tuple) && tuple.Port is not null)
                    return tuple;
                if (EndpointReader.TryRead(words, arguments, out var where) && (where.Port is not null || where.Path is not null))
                    return where;
                // A socket's own listen() takes a backlog: only a library's takes a port.
                if (call == "listen(" && IsLibraryCall(text, line) && DigitReader.TryReadPort(words, arguments, out var port, out var end))
                    return AddressMention.OfPort(port, arguments, end);
                at = words.IndexOf(call, arguments, StringComparison.Ordinal);
            }
        }
        return null;
    }

    private static bool IsLibraryCall(ErrorText text, int line)
    {
        for (var i = line + 1; i < text.Lines.Count && i - line <= MaxLinesToError; i++)
        {
            if (IsFrame(text.Lines[i]))
                return true;
            if (ErrnoWords.Mentions(text.Lines[i]))
                return false;
        }
        return false;
    }

    private static AddressMention? ReadKeywords(string words)
    {
        if (!KeywordCalls.Any(call => words.Contains(call, StringComparison.Ordinal)) || PropertyReader.Port(words, "port") is not { } port)
            return null;
        return PropertyReader.Address(words, "host") is { } host ? host with { Port = port.Port } : port;
    }
}
