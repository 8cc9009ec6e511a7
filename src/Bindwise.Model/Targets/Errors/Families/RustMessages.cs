namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Rust's errors name no address. Rocket printed it in the list of its settings; Deno prints the line of the script.
/// </summary>
internal static class RustMessages
{
    private const int MaxSettingLines = 60;
    private const int MaxLinesBehindError = 6;

    /// <summary>Rocket's <c>&gt;&gt; address: 127.0.0.1</c> and <c>&gt;&gt; port: 8000</c>, when its bind failed.</summary>
    public static BindMention? ReadRocket(ErrorText text, int line)
    {
        if (!text.Lines[line].Contains("failed to bind network socket to given address/port", StringComparison.OrdinalIgnoreCase))
            return null;
        AddressMention? port = null;
        AddressMention? address = null;
        for (var i = line - 1; i >= 0 && line - i <= MaxSettingLines; i--)
        {
            port ??= PropertyReader.Port(text.Lines[i], "port");
            address ??= PropertyReader.Address(text.Lines[i], "address");
        }
        return port is not { } found ? null
            : BindMention.At(address is { } host ? host with { Port = found.Port } : found, RuntimeProfiles.Rust, line);
    }

    /// <summary>Deno: <c>Deno.serve({ port: 2345 }</c> below the error.</summary>
    public static BindMention? ReadDeno(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var isCall = words.Contains("Deno.listen", StringComparison.Ordinal) || words.Contains("Deno.serve", StringComparison.Ordinal);
        if (!isCall || PropertyReader.Port(words, "port") is not { } port
            || text.LineWith("AddrInUse", Math.Max(0, line - MaxLinesBehindError), Math.Min(line, MaxLinesBehindError)) < 0)
            return null;
        var host = PropertyReader.Address(words, "hostname");
        return BindMention.At(host is { } address ? address with { Port = port.Port } : port, RuntimeProfiles.Deno, line);
    }
}
