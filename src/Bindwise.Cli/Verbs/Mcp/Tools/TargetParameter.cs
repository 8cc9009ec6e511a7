using Bindwise.Model.Targets;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Mcp.Tools;

/// <summary>What several tools ask about.</summary>
internal static class TargetParameter
{
    /// <summary>The longest target: a pasted error.</summary>
    private const int MostChars = 1024 * 1024;

    public static readonly TextParameter Target = new("target",
        "A port or address (8080, 127.0.0.1:8080, localhost:5432, 53/udp), a URL, a UNIX socket (/run/app.sock, @name), or a whole error "
            + "message that names one.", MostChars)
    {
        IsRequired = true,
    };

    /// <summary>The program binds without options.</summary>
    public static readonly FlagParameter Plain = new("plain",
        "The program sets neither SO_REUSEADDR nor SO_REUSEPORT. Otherwise a TCP server is assumed to set SO_REUSEADDR, as nearly all do; "
            + "a pasted error is answered for the program that wrote it.");

    public static ProgramOptions Options(ToolArguments arguments)
    {
        var isPlain = Plain.Read(arguments);
        return new ProgramOptions { ReuseAddress = isPlain ? false : null, ReusePort = isPlain ? false : null };
    }
}

/// <summary>The lines of a text answer without colours.</summary>
internal static class ToolText
{
    public static string Of(ImmutableArray<TextLine> lines) => string.Join('\n', lines.Select(static line => line.ToString()));
}
