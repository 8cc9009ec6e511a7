using System.CommandLine;
using System.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>The help texts: runnable examples first, then the options as the parser knows them, then the exit codes.</summary>
internal static class WhyHelp
{
    private const string Examples = """
        Examples:
          bindwise why 8080
          bindwise why localhost:5432 [::1]:8080 53/udp
          bindwise why --reuse-address 0.0.0.0:3000
          bindwise why 80 --user www-data
          bindwise why "listen tcp :8080: bind: address already in use"
          echo "Error: listen EADDRINUSE: address already in use :::3000" | bindwise why -

        """;

    private const string Probing = """
        Where the rules leave the answer open, and to confirm a free port, bindwise tries one real bind() and closes the socket
        at once; it never listens. Such a probe can collide with a server that starts in that same instant: --no-probe switches
        it off.

        """;

    private const string ExitCodes = """
        Exit codes (with several targets the worst wins: 2, 3, 1, 0):
            0  it can be bound as asked
            1  it cannot, whatever the errno
            2  wrong usage, or the system failed
            3  it could not be told
          130  interrupted
        """;

    /// <summary>The help of the whole program.</summary>
    public static string OfProgram(IReadOnlyCollection<VerbEntry> verbs)
    {
        var text = new StringBuilder("bindwise explains \"Address already in use\" and the other errors of bind().\n\n");
        text.Append(Examples).Append('\n');
        text.Append("Usage: bindwise VERB ...   or: bindwise TARGET..., which means: bindwise why TARGET...\n\nVerbs:\n");
        foreach (var verb in verbs)
            HelpPage.AppendEntry(text, verb.Name, $"{verb.Description} See: bindwise {verb.Name} --help");
        return text.Append('\n').Append(ExitCodes).Append("\n\nbindwise --version shows the version.\n").ToString();
    }

    /// <summary>The help of <c>why</c>.</summary>
    public static string OfWhy(Command why)
    {
        var text = new StringBuilder("bindwise why: explain why an address or port can or cannot be bound.\n\n");
        text.Append(Examples).Append('\n').Append("Usage: bindwise why [options] TARGET...\n\n");
        HelpPage.AppendParameters(text, why);
        return text.Append('\n').Append(Probing).Append('\n').Append(ExitCodes).Append('\n').ToString();
    }
}
