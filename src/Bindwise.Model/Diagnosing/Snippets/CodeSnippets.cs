namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>Every snippet in every runtime's words.</summary>
internal static class CodeSnippets
{
    public static CodeSnippet Of(SnippetKind kind, TargetLanguage language) => kind switch
    {
        SnippetKind.ReuseAddress when language.IsAsyncio =>
            CodeSnippet.ByItself(said: "does this by default in asyncio's servers, unless you set reuse_address=False"),
        SnippetKind.ReuseAddress => OptionSnippets.ReuseAddress(language.Runtime),
        SnippetKind.ReusePort => OptionSnippets.ReusePort(language.Runtime, language.IsAsyncio),
        SnippetKind.ReuseAddressOfDatagrams => OptionSnippets.ReuseAddressOfDatagrams(language.Runtime),
        SnippetKind.ReusePortOfDatagrams => OptionSnippets.ReusePortOfDatagrams(language.Runtime),
        SnippetKind.SetV6Only => OptionSnippets.SetV6Only(language.Runtime),
        SnippetKind.ClearV6Only => OptionSnippets.ClearV6Only(language.Runtime),
        SnippetKind.BindAddressNoPort => OptionSnippets.BindAddressNoPort(language.Runtime),
        SnippetKind.CloseOnExec => ClosingSnippets.CloseOnExec(language.Runtime),
        SnippetKind.CloseLast => ClosingSnippets.CloseLast(language.Runtime, language.IsAsyncio),
        SnippetKind.CloseAfterEnd => ClosingSnippets.CloseAfterEnd(language.Runtime, language.IsAsyncio),
        SnippetKind.UnlinkBeforeBind => ClosingSnippets.UnlinkBeforeBind(language.Runtime, language.IsAsyncio),
        SnippetKind.EndOnSigterm => ClosingSnippets.EndOnSigterm(language.Runtime, language.IsAsyncio),
        _ => ClosingSnippets.KeepAlive(language.Runtime),
    };
}

/// <summary>What one remedy asks for, in one runtime's words.</summary>
/// <param name="Code">The lines of code, parted by line feeds; null when there is nothing to write.</param>
/// <param name="Said">What the runtime does by itself, or cannot do: the rest of a sentence that begins
/// with the runtime's name; null for nothing.</param>
internal readonly record struct CodeSnippet(string? Code, string? Said = null)
{
    /// <summary>Of what the runtime does by itself, with what is left to do.</summary>
    public static CodeSnippet ByItself(string? code = null, string said = "does this by default") => new(code, said);
}

/// <summary>What a remedy asks of a program's code, whatever its language.</summary>
internal enum SnippetKind : byte
{
    /// <summary>SO_REUSEADDR before bind(), TCP.</summary>
    ReuseAddress,

    /// <summary>SO_REUSEPORT before bind(), TCP.</summary>
    ReusePort,

    /// <summary>SO_REUSEADDR before bind(), UDP.</summary>
    ReuseAddressOfDatagrams,

    /// <summary>SO_REUSEPORT before bind(), UDP.</summary>
    ReusePortOfDatagrams,

    /// <summary>IPV6_V6ONLY on, so that [::] leaves IPv4 alone.</summary>
    SetV6Only,

    /// <summary>IPV6_V6ONLY off, so that the socket takes IPv4 too.</summary>
    ClearV6Only,

    /// <summary>IP_BIND_ADDRESS_NO_PORT before a client's bind(address, 0).</summary>
    BindAddressNoPort,

    /// <summary>Keep a listening socket from the programs that the server starts.</summary>
    CloseOnExec,

    /// <summary>Wait for the peer's end, with a time limit, and close after it.</summary>
    CloseLast,

    /// <summary>Close when read() tells the end of the stream.</summary>
    CloseAfterEnd,

    /// <summary>Remove a left-over socket file before bind().</summary>
    UnlinkBeforeBind,

    /// <summary>On SIGTERM close the listener, finish, and exit.</summary>
    EndOnSigterm,

    /// <summary>Use connections again instead of opening new ones.</summary>
    KeepAlive,
}
