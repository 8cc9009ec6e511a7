using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>A host as error texts print it, without brackets and port.</summary>
internal static class BareHost
{
    /// <summary>Ends of file names: <c>server.js:5</c> is a line in a file, not a port of a host.</summary>
    private static readonly string[] FileEnds =
    [
        ".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx", ".py", ".rb", ".ru", ".php", ".go", ".rs", ".c", ".cc", ".cpp", ".h", ".cs",
        ".fs", ".vb", ".java", ".kt", ".scala", ".pl", ".pm", ".lua", ".ex", ".exs", ".erl", ".jl", ".swift", ".zig", ".cfg", ".conf",
        ".yml", ".yaml", ".json", ".toml", ".ini", ".xml", ".log", ".sh", ".html",
    ];

    /// <summary>Words before a colon that are labels, not hosts.</summary>
    private static readonly HashSet<string> Labels = new(StringComparer.OrdinalIgnoreCase)
    {
        "addr", "address", "code", "col", "column", "err", "errno", "error", "exit", "exitcode", "fd", "generic", "id", "level", "line",
        "listen",
        "pid", "port", "signal", "socket", "status", "syscall", "system", "tcp", "thread", "time", "udp", "uid", "warning", "worker",
    };

    /// <summary>Reads all of a text as a host; a name must not look like a file or a label.</summary>
    public static bool TryParse(string text, out AddressMention where)
    {
        where = default;
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        var (host, scope) = percent > 0 ? (text[..percent], text[(percent + 1)..]) : (text, null);
        // OpenVPN prints [undef] for no address.
        if (host is "" or "null" or "nil" or "undef" or "<null>" || host.Equals("any", StringComparison.OrdinalIgnoreCase))
        {
            where = new() { IsEveryAddress = true };
            return true;
        }
        if (host is "*" or "+")
        {
            where = new("*");
            return true;
        }
        // Redis prints its IPv6 wildcard as ::*.
        if (host == "::*")
            host = "::";
        if (HostText.TryParseIPv6(host, out var address) || HostText.TryParseDottedQuad(host, out address))
        {
            where = new(host, address, scope);
            return true;
        }
        if (percent > 0 || !host.Any(char.IsAsciiLetter) || !HostText.IsPlausibleName(host) || Labels.Contains(host)
            || FileEnds.Any(end => host.EndsWith(end, StringComparison.OrdinalIgnoreCase)))
            return false;
        where = new(host);
        return true;
    }
}
