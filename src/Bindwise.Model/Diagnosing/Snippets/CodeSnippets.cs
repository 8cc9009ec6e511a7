
namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>Every thought in every runtime's words.</summary>
internal static class CodeSnippets
{
    public static CodeSnippet Of(SnippetKind thought, TargetLanguage speaker) => thought switch
    {
        SnippetKind.ReuseAddress when speaker.IsAsyncio => CodeSnippet.ByItself(said: "does this by default in asyncio's servers, unless you set reuse_address=False"),
        SnippetKind.ReuseAddress => OptionSnippets.ReuseAddress(speaker.Runtime),
        SnippetKind.ReusePort => OptionSnippets.ReusePort(speaker.Runtime, speaker.IsAsyncio),
        SnippetKind.ReuseAddressOfDatagrams => OptionSnippets.ReuseAddressOfDatagrams(speaker.Runtime),
        SnippetKind.ReusePortOfDatagrams => OptionSnippets.ReusePortOfDatagrams(speaker.Runtime),
        SnippetKind.SetV6Only => OptionSnippets.SetV6Only(speaker.Runtime),
        SnippetKind.ClearV6Only => OptionSnippets.ClearV6Only(speaker.Runtime),
        SnippetKind.BindAddressNoPort => OptionSnippets.BindAddressNoPort(speaker.Runtime),
        SnippetKind.CloseOnExec => ClosingSnippets.CloseOnExec(speaker.Runtime),
        SnippetKind.CloseLast => ClosingSnippets.CloseLast(speaker.Runtime, speaker.IsAsyncio),
        SnippetKind.CloseAfterEnd => ClosingSnippets.CloseAfterEnd(speaker.Runtime, speaker.IsAsyncio),
        SnippetKind.UnlinkBeforeBind => ClosingSnippets.UnlinkBeforeBind(speaker.Runtime, speaker.IsAsyncio),
        SnippetKind.EndOnSigterm => ClosingSnippets.EndOnSigterm(speaker.Runtime, speaker.IsAsyncio),
        _ => ClosingSnippets.KeepAlive(speaker.Runtime),
    };
}
