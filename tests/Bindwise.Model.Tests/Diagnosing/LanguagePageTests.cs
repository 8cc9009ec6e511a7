using System.Text;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>docs/languages.md is what the table of snippets says; BINDWISE_UPDATE_EXPECTATIONS=1 writes it anew.</summary>
public sealed class LanguagePageTests
{
    private static readonly (SnippetKind Kind, string Heading, string Text)[] Sections =
    [
        (SnippetKind.ReuseAddress, "SO_REUSEADDR before bind()", "Lets a restart bind over TIME_WAIT and old connections. Both the old socket and the new one must set it."),
        (SnippetKind.ReusePort, "SO_REUSEPORT before bind()", "Lets several listeners of one user share a TCP port. All of them must set it."),
        (SnippetKind.ReuseAddressOfDatagrams, "SO_REUSEADDR on a UDP socket", "Lets several sockets share a UDP port; the newest gets the datagrams."),
        (SnippetKind.ReusePortOfDatagrams, "SO_REUSEPORT on a UDP socket", "Lets several sockets of one user share a UDP port; the kernel spreads the datagrams."),
        (SnippetKind.SetV6Only, "IPV6_V6ONLY on", "A server on [::] then leaves IPv4 to another one."),
        (SnippetKind.ClearV6Only, "IPV6_V6ONLY off", "A server on [::] then takes IPv4 too, and you can bind a v4-mapped address."),
        (SnippetKind.CloseOnExec, "Close-on-exec", "The programs that a server starts then do not keep its port when it has ended."),
        (SnippetKind.CloseLast, "Let the client close first", "The server reads to the client's end, with a time limit, and closes after it: TIME_WAIT then stays with the client."),
        (SnippetKind.CloseAfterEnd, "Close when the peer has closed", "CLOSE_WAIT lasts until the program closes."),
        (SnippetKind.EndOnSigterm, "End on SIGTERM", "Close the listener, finish open work, exit: a restart can then wait until the old server has ended, instead of sleeping for a fixed time."),
        (SnippetKind.UnlinkBeforeBind, "Remove a left-over socket file", "Do this only after a connect() to it was refused."),
        (SnippetKind.BindAddressNoPort, "A client that binds its address", "With IP_BIND_ADDRESS_NO_PORT connect() picks the port, and each destination has the whole range."),
        (SnippetKind.KeepAlive, "Use connections again", "Each new connection takes a port, and for 60 s more if this side closes first."),
    ];

    [Fact]
    public void Page_SaysWhatTheTableSays()
    {
        Assert.Equal(Enum.GetValues<SnippetKind>().Order(), Sections.Select(static s => s.Kind).Order());
        var path = Repository.File("docs/languages.md");
        var text = Render();
        if (Environment.GetEnvironmentVariable("BINDWISE_UPDATE_EXPECTATIONS") == "1")
            File.WriteAllText(path, text);

        Assert.Equal(text, File.ReadAllText(path));
    }

    private static string Render()
    {
        var page = new StringBuilder("""
            # In your language

            The lines of code that `bindwise why` suggests, in every language that it speaks. It shows those of the language in the pasted error, else
            of the process in question, else C. If a runtime does it by default, it says so instead. The tests run the lines in C, Python, Node.js
            and .NET and check what they did; for Ruby, PHP, Java and Go, set BINDWISE_SNIPPETS. The lines in Rust are not run.

            """);
        foreach (var (kind, heading, text) in Sections)
        {
            page.Append("\n## ").Append(heading).Append("\n\n").Append(text).Append('\n');
            foreach (var runtime in RuntimeBook.Languages)
            {
                var plain = CodeSnippets.Of(kind, new TargetLanguage(runtime, IsKnown: true));
                Append(page, runtime, plain, "");
                if (runtime == Runtime.Python && CodeSnippets.Of(kind, new TargetLanguage(runtime, IsKnown: true, IsAsyncio: true)) is var asyncio && asyncio != plain)
                    Append(page, runtime, asyncio, " with asyncio");
            }
        }
        return page.ToString();
    }

    private static void Append(StringBuilder page, Runtime runtime, CodeSnippet snippet, string flavour)
    {
        if (snippet is { Code: null, Said: null })
            return;
        var name = RuntimeBook.Label(runtime) + flavour;
        page.Append('\n').Append(snippet.Said is { } said ? $"{name} {said}{(snippet.Code is null ? "." : ":")}" : name + ":").Append('\n');
        if (snippet.Code is { } code)
            page.Append("\n```").Append(runtime switch { Runtime.DotNet => "csharp", Runtime.Node => "js", _ => RuntimeBook.Id(runtime) }).Append('\n').Append(code).Append("\n```\n");
    }
}
