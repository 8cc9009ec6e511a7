using Bindwise.Cli.Verbs.Why;

namespace Bindwise.Cli;

/// <summary>The help of the whole program: short for who types its name alone, long for who asks for help.</summary>
internal static class ProgramHelp
{
    /// <summary>What it is, what to try, the verbs: one screen.</summary>
    public static HelpPage Short(IReadOnlyCollection<VerbEntry> verbs) =>
        new HelpPage("bindwise explains \"Address already in use\": what holds a port, and what to do.")
            .Examples(
                "bindwise 8080",
                "bindwise why 127.0.0.1:5432 53/udp /run/app.sock",
                "bindwise why \"listen tcp :8080: bind: address already in use\"",
                "bindwise why 8080 --follow")
            .Entries("Verbs:", [.. verbs.Where(static verb => !verb.IsSeldomNeeded).Select(static verb => (verb.Name, verb.Description))])
            .Text("Seldom needed: " + string.Join(", ", verbs.Where(static verb => verb.IsSeldomNeeded).Select(static verb => verb.Name))
                + ". More: bindwise help [VERB]");

    public static HelpPage Full(IReadOnlyCollection<VerbEntry> verbs) =>
        new HelpPage("bindwise explains \"Address already in use\" and the other errors of bind(): what holds a port, an address or a UNIX "
            + "socket, why, and what to do.")
            .Examples(WhyHelp.Examples)
            .Usage("bindwise VERB ...", "bindwise TARGET..., which means bindwise why TARGET...")
            .Entries("Verbs:", Entries(verbs))
            .Entries("Options of every verb:",
            [
                (HelpPage.Spelling(ColourOption.Instance), ColourOption.Instance.Description!),
                ("-h, --help", "Show the help of the verb."),
                ("-V, --version", "Show the version; without a verb."),
            ])
            .ExitCodes(WhyHelp.ExitCodesHeading, WhyHelp.ExitCodes)
            .Text("More: bindwise help VERB");

    private static List<(string, string)> Entries(IReadOnlyCollection<VerbEntry> verbs) =>
        [.. verbs.Select(static verb => (verb.Name, verb.Description)), ("help", "Show the help, or that of a verb: bindwise help why.")];
}
