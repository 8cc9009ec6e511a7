using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>QEMU, VirtualBox, Vagrant: the host's half of a forwarded port comes first, the guest's is none of ours.</summary>
internal static class VirtualMachineMessages
{
    private const string Rule = "Could not set up host forwarding rule '";

    /// <summary>A VNC display :1 is port 5901 (vnc.c).</summary>
    private const int FirstDisplayPort = 5900;

    private static readonly string[] Failures = ["Failed to find an available port", "Failed to bind socket", "could not be initialized"];

    public static readonly Phrase[] Phrases =
    [
        new("failed to set up redirection of ", RuntimeProfiles.VirtualBox) { IsPortNext = true, Errno = "EADDRINUSE" },
        new("The forwarded port to ", RuntimeProfiles.VirtualBox) { IsPortNext = true, With = "already in use", Errno = "EADDRINUSE" },
    ];

    /// <summary>
    /// QEMU repeats the option that failed: <c>-monitor telnet:127.0.0.1:4444,server: Failed to find an available port</c>.
    /// </summary>
    public static BindMention? ReadQemu(ErrorText text, int line)
    {
        var words = text.Lines[line];
        var rule = words.IndexOf(Rule, StringComparison.Ordinal);
        if (rule >= 0)
            return ReadRule(words, rule + Rule.Length) is { } forwarded ? BindMention.At(forwarded, RuntimeProfiles.Qemu, line) : null;
        var failure = Failures.Select(words => text.Lines[line].IndexOf(words, StringComparison.Ordinal)).Max();
        var option = failure < 0 ? -1 : words.IndexOf(": -", 0, failure, StringComparison.Ordinal);
        if (option < 0)
            return null;
        var value = words.IndexOf(' ', option + 2, failure - option - 2) + 1;
        if (value == 0)
            return null;
        var where = words.AsSpan(option + 2).StartsWith("-vnc ", StringComparison.Ordinal) ? ReadDisplay(words, value)
            : ReadOption(words[..failure], value);
        return where is { } found ? BindMention.At(found, RuntimeProfiles.Qemu, line) : null;
    }

    /// <summary>PROTOCOL:[HOST]:PORT-[GUEST]:PORT.</summary>
    private static AddressMention? ReadRule(string words, int at)
    {
        var first = words.IndexOf(':', at);
        var second = first < 0 ? -1 : words.IndexOf(':', first + 1);
        var hyphen = second < 0 ? -1 : words.IndexOf('-', second);
        if (hyphen < 0 || !PortText.TryParseNumber(words.AsSpan(second + 1, hyphen - second - 1), out var port))
            return null;
        var protocol = words[at..first] == "udp" ? Protocol.Udp : Protocol.Tcp;
        return BareHost.TryParse(words[(first + 1)..second], out var host)
            ? host with { Port = port, Protocol = protocol, Start = at, End = hyphen } : null;
    }

    private static AddressMention? ReadDisplay(string words, int at) =>
        EndpointReader.TryRead(words, at, out var where) && where.Port is < 100 and var display
            ? where with { Port = (ushort)(FirstDisplayPort + display) } : null;

    /// <summary>KIND:ADDRESS,…; or …,listen=ADDRESS; or …,port=N,host=H.</summary>
    private static AddressMention? ReadOption(string option, int at)
    {
        var listen = option.IndexOf("listen=", at, StringComparison.Ordinal);
        if (listen >= 0)
            return EndpointReader.TryRead(option, listen + "listen=".Length, out var listener) ? listener : null;
        if (PropertyReader.Port(option[at..], "port") is { } port)
            return PropertyReader.Address(option[at..], "host") is { } host ? host with { Port = port.Port } : port;
        var colon = option.IndexOf(':', at);
        return colon >= 0 && EndpointReader.TryRead(option, colon + 1, out var where) && (where.Port is not null || where.Path is not null)
            ? where
            : EndpointReader.TryRead(option, at, out where) && (where.Port is not null || where.Path is not null) ? where : null;
    }
}
