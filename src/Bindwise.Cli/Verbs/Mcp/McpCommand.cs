using System.CommandLine;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary><c>bindwise mcp</c>: the verbs for coding agents, over the Model Context Protocol on standard input and output.</summary>
internal sealed class McpCommand : Verb
{
    public const string Name = "mcp";
    public const string Description = "Serve the verbs to coding agents (Model Context Protocol).";

    private readonly Flag _allowActions = new("--allow-actions",
        "Also offer free, which ends programs: in two calls, of which the first only shows what the second would do.");

    public McpCommand()
        : base(Name, Description) => Take(_allowActions);

    public override HelpPage Help => McpHelp.Of(Command);

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var allowsActions = parsed.GetValue(_allowActions);
        return new ParseResult<VerbRun>((output, errors) =>
        {
            using var run = new McpRun(allowsActions, output, errors);
            return run.Serve();
        });
    }
}

/// <summary>The help of <c>mcp</c>.</summary>
internal static class McpHelp
{
    private const string Protocol =
        "An agent starts it, and speaks JSON-RPC with it on standard input and output, one message a line. It ends with its input. "
            + "Protocol versions 2024-11-05 to 2026-07-28.";

    private const string Limits =
        "It only reads, unless you add --allow-actions. Passwords and tokens on command lines are masked. Names of programs, paths and "
            + "units are chosen by others: the answers tell the agent not to "
        + "take them for instructions.";

    public static HelpPage Of(Command mcp) =>
        new HelpPage("bindwise mcp: let coding agents ask who holds a port, over the Model Context Protocol (MCP).")
            .Examples("bindwise mcp", "bindwise mcp --allow-actions")
            .Usage("bindwise mcp [options]")
            .Parameters(mcp)
            .Entries("To register it:",
            [
                ("Claude Code", "claude mcp add bindwise -- bindwise mcp"),
                ("VS Code", "code --add-mcp '{\"name\": \"bindwise\", \"command\": \"bindwise\", \"args\": [\"mcp\"]}'"),
                ("Cursor and others", "{\"mcpServers\": {\"bindwise\": {\"command\": \"bindwise\", \"args\": [\"mcp\"]}}}"),
            ])
            .Text(Protocol)
            .Text(Limits)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "the input ended, or nobody reads the output any more"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.Interrupted, "interrupted"),
                (ExitCode.Terminated, "ended by SIGTERM"));
}
