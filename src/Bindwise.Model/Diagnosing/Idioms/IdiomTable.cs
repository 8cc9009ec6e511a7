namespace Bindwise.Model.Diagnosing.Idioms;

/// <summary>Every thought in every runtime's words.</summary>
internal static class IdiomTable
{
    public static Idiom Of(Thought thought, Speaker speaker) => thought switch
    {
        Thought.ReuseAddress when speaker.IsAsyncio => Idiom.ByItself(said: "does this by default in asyncio's servers, unless you set reuse_address=False"),
        Thought.ReuseAddress => OptionIdioms.ReuseAddress(speaker.Runtime),
        Thought.ReusePort => OptionIdioms.ReusePort(speaker.Runtime, speaker.IsAsyncio),
        Thought.ReuseAddressOfDatagrams => OptionIdioms.ReuseAddressOfDatagrams(speaker.Runtime),
        Thought.ReusePortOfDatagrams => OptionIdioms.ReusePortOfDatagrams(speaker.Runtime),
        Thought.SetV6Only => OptionIdioms.SetV6Only(speaker.Runtime),
        Thought.ClearV6Only => OptionIdioms.ClearV6Only(speaker.Runtime),
        Thought.BindAddressNoPort => OptionIdioms.BindAddressNoPort(speaker.Runtime),
        Thought.CloseOnExec => ClosingIdioms.CloseOnExec(speaker.Runtime),
        Thought.CloseLast => ClosingIdioms.CloseLast(speaker.Runtime, speaker.IsAsyncio),
        Thought.CloseAfterEnd => ClosingIdioms.CloseAfterEnd(speaker.Runtime, speaker.IsAsyncio),
        Thought.UnlinkBeforeBind => ClosingIdioms.UnlinkBeforeBind(speaker.Runtime, speaker.IsAsyncio),
        Thought.EndOnSigterm => ClosingIdioms.EndOnSigterm(speaker.Runtime, speaker.IsAsyncio),
        _ => ClosingIdioms.KeepAlive(speaker.Runtime),
    };
}
