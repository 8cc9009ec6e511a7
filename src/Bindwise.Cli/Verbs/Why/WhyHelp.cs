using System.CommandLine;
using Bindwise.Cli.CommandLine;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>The help of <c>why</c>.</summary>
internal static class WhyHelp
{
    /// <summary>What stands above the exit codes.</summary>
    public const string ExitCodesHeading = "Exit codes (with several targets the worst counts, in the order 2, 3, 1, 0):";

    /// <summary>Lines to try.</summary>
    public static readonly string[] Examples =
    [
        "bindwise why 8080",
        "bindwise why localhost:5432 '[::1]:8080' 53/udp",
        "bindwise why --plain 0.0.0.0:3000",
        "bindwise why 80 --user nobody",
        "bindwise why \"listen tcp :8080: bind: address already in use\"",
        "echo \"listen EADDRINUSE: address already in use :::3000\" | bindwise why -",
    ];

    /// <summary>What the process ends with.</summary>
    public static readonly (ExitCode Code, string Meaning)[] ExitCodes =
    [
        (ExitCode.Free, "it can be bound; for TCP: by a server that sets SO_REUSEADDR"),
        (ExitCode.Blocked, "it cannot be bound"),
        (ExitCode.Error, "wrong usage, or the system failed"),
        (ExitCode.Undetermined, "unknown: something that matters could not be read"),
        (ExitCode.Interrupted, "interrupted"),
    ];

    private const string Options =
        "Nearly every TCP server on Linux sets SO_REUSEADDR: Node.js, Go, Java, .NET, nginx and Python's http.server do. So bindwise answers for such a server, "
        + "unless you say otherwise: --plain asks for a socket without options. An error text that you paste is answered for the program that wrote it.";

    private const string Probing =
        "To confirm that a target is free, and where the rules leave it open, bindwise tries one real bind() and closes the socket at once; it never listens. "
        + "That can get in the way of a server that starts in that same instant: --no-probe switches it off.";

    /// <summary>The page.</summary>
    public static HelpPage Of(Command why) =>
        new HelpPage("bindwise why: explain why a port, an address or a UNIX socket is taken or free.")
            .Examples(Examples)
            .Usage("bindwise why [options] TARGET...")
            .Parameters(why)
            .Text(Options)
            .Text(Probing)
            .ExitCodes(ExitCodesHeading, ExitCodes);
}
