using System.Net;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Cli.Verbs.Pick;

/// <summary>What <c>pick</c> was asked on the command line, understood.</summary>
/// <param name="Keeping">What is kept of each port for the command.</param>
/// <param name="Program">What to become; null for nothing: the ports are printed.</param>
internal sealed record PickLine(PortPickRequest Request, PickKeeping Keeping = default, bool Json = false,
    IReadOnlyList<string>? Program = null);

/// <summary><c>bindwise pick</c>: its arguments and options.</summary>
internal sealed class PickCommand : Verb
{
    public const string Name = "pick";
    public const string Description = "Pick ports that can be bound now, and that no other pick gets.";
    private const string FullRange = "1-65535";

    private readonly Argument<string[]> _count = new("N")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = $"How many ports, 1 to {PortPickRequest.MostPorts}; 1 by default. All of them, or none.",
    };

    private readonly ValueOption _range = new("--range", "A-B", "Only these ports; the ephemeral ones among them last.");
    private readonly ValueOption _near = new("--near", "PORT", "The ports nearest to this one.");
    private readonly ValueOption _prefer = new("--prefer", "PORT", "This port if it can be had, else another.");
    private readonly ValueOption _address =
        new("--address", "ADDRESS", "Free on this address. Otherwise: on every address of IPv4 and IPv6.");
    private readonly Flag _udp = new("--udp", "Free for UDP too.");
    private readonly TimeOption _lease =
        new("--lease", "No other pick gets the ports for this time after they are printed: 500ms, 10s (default), 2m, at most 24h; 0 for "
            + "none.")
        { TakesZero = true };
    private readonly Flag _reserve =
        new("--reserve", "Keep the ports out of the kernel's automatic choice, and from other picks, for a minute, by a TIME_WAIT. Your "
            + "program has to set SO_REUSEADDR.");
    private readonly Flag _hold = new("--hold",
        "With a command: keep the ports bound until it listens on them, or ends. It has to set SO_REUSEADDR, as nearly all servers do.");
    private readonly Flag _listenFds =
        new("--listen-fds", "With a command: pass it listening sockets as descriptors 3, 4..., with LISTEN_FDS, as systemd does.");
    private readonly Flag _json = new("--json", "Print one line of JSON per port.");

    public PickCommand()
        : base(Name, Description) => Take(_count, _range, _near, _prefer, _address, _udp, _lease, _reserve, _hold, _listenFds, _json);

    public override bool TakesProgram => true;

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (!OperatingSystem.IsLinux())
            return new ParseResult<VerbRun>(null, "bindwise pick needs Linux");
        var line = Understand(parsed);
        return line.IsSuccess
            ? new ParseResult<VerbRun>(
                (output, errors) => OperatingSystem.IsLinux() ? new PickRun(line.Value!, output, errors).Run() : ExitCode.Error)
            : new ParseResult<VerbRun>(null, line.Error);
    }

    private ParseResult<PickLine> Understand(ParseResult parsed)
    {
        var words = parsed.GetValue(_count) ?? [];
        if (ReadCount(words, out var count) is { } noCount)
            return Fault(noCount);
        if (ReadRange(parsed.GetValue(_range), out var range) is { } noRange)
            return Fault(noRange);
        if (ReadPort(parsed, _near, out var near) is { } notNear)
            return Fault(notNear);
        if (ReadPort(parsed, _prefer, out var prefer) is { } notPreferred)
            return Fault(notPreferred);
        if (ReadAddress(parsed.GetValue(_address), out var address) is { } noAddress)
            return Fault(noAddress);
        var lease = _lease.Read(parsed, out var fault);
        if (fault is not null)
            return Fault(fault);
        var (holds, passes) = (parsed.GetValue(_hold), parsed.GetValue(_listenFds));
        var request = new PortPickRequest
        {
            Count = count,
            Range = range,
            Near = near,
            Prefer = prefer,
            Address = address,
            Udp = parsed.GetValue(_udp),
            Reserve = parsed.GetValue(_reserve),
        };
        var line = new PickLine(lease is { } given ? request with { Lease = given } : request)
        {
            Keeping = passes ? PickKeeping.Listeners : holds ? PickKeeping.Sockets : PickKeeping.Nothing,
            Json = parsed.GetValue(_json),
            Program = Program,
        };
        return WhyNot(line, lease, holds && passes) is { } contradiction ? Fault(contradiction) : new ParseResult<PickLine>(line);
    }

    private static string? WhyNot(PickLine line, TimeSpan? lease, bool keepsTwice)
    {
        var isKept = line.Keeping != PickKeeping.Nothing;
        if (lease > PortPickRequest.LongestLease)
            return "--lease is too long: give 24h at most";
        if (line.Program is { Count: 0 } or ["", ..])
            return "no command given after --: leave it out, or name one, as in: bindwise pick -- npm start";
        if (line.Program is { } program && PortPlaceholders.WhyNot(program, line.Request.Count) is { } placeholder)
            return placeholder;
        if (isKept && line.Program is null)
        {
            var (option, does) = line.Keeping == PickKeeping.Sockets ? ("--hold", "keeps") : ("--listen-fds", "opens");
            return $"{option} {does} the ports for a command: name one, as in: bindwise pick {option} -- npm start";
        }
        if (line.Json && line.Program is not null)
            return "--json prints the ports, and a command gets them in PORT: leave out one of the two";
        if (keepsTwice)
            return "--listen-fds gives the command the sockets themselves: leave out --hold";
        if (line.Request.Reserve && isKept)
            return "--reserve keeps the ports for a program that is started later: leave it out with --hold and --listen-fds";
        if (line.Request.Reserve && lease is not null)
            return "--reserve keeps other picks away for a minute: leave out --lease";
        return line.Keeping == PickKeeping.Sockets && line.Request.Udp
            ? "a UDP port cannot be held for a program that binds it: leave out --hold, or pass the sockets with --listen-fds"
            : null;
    }

    private static string? ReadCount(string[] words, out int count)
    {
        count = 1;
        if (words.Length > 1)
            return $"give one number of ports, not {words.Length}: {string.Join(' ', words)}";
        if (words is [] || (int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && count is >= 1 and <= PortPickRequest.MostPorts))
            return null;
        return count > PortPickRequest.MostPorts && count <= ushort.MaxValue
            ? string.Create(CultureInfo.InvariantCulture,
                $"{count} ports are too many, {PortPickRequest.MostPorts} at most; to have port {count} if it is free: bindwise pick "
                    + $"--prefer {count}")
            : $"{words[0]} is not a number of ports: give 1 to {PortPickRequest.MostPorts}";
    }

    private static string? ReadRange(string? text, out PortRange? range)
    {
        range = text is null ? null : RangeOf(text);
        return text is null || range is not null ? null
            : $"--range {text} is not a range of ports: give the first and the last, as in 8000-8999, within {FullRange}";
    }

    /// <summary>A range of ports that can be picked from: a port alone is none, nor is port 0.</summary>
    internal static PortRange? RangeOf(string text) =>
        text.Contains('-', StringComparison.Ordinal) && PortRange.TryParse(text, out var range) && range.First > 0 ? range : null;

    private static string? ReadPort(ParseResult parsed, ValueOption option, out int? port)
    {
        port = null;
        if (parsed.GetValue(option) is not { } text)
            return null;
        if (!TryReadPort(text, out var number))
            return $"{option.Name} {text} is not a port: give one of {FullRange}";
        port = number;
        return null;
    }

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= ushort.MaxValue;

    private static string? ReadAddress(string? text, out IPAddress? address)
    {
        address = null;
        if (text is null)
            return null;
        if (!IpAddress.TryParse(HostText.Unbracketed(text), out var parsed))
            return $"--address {text} is not an IP address: give one such as 127.0.0.1 or ::1";
        address = parsed.ToIPAddress();
        return null;
    }

    private static new ParseResult<PickLine> Fault(string message) => new(null, message);

    private const string Picking =
        "A port is picked if bind() without any option works on every address: no listener on one of them, no bound socket, no TIME_WAIT. "
            + "Ports that browsers block, or that net.ipv4.ip_local_reserved_ports names, are never picked; those that the kernel gives to "
            + "connections (net.ipv4.ip_local_port_range) only if --range, --near or --prefer asks for them. A program that does not ask "
            + "bindwise can still take a port first; with --hold only one that sets SO_REUSEADDR can, with --listen-fds none.";

    private const string Commands =
        "A command after -- gets the ports in PORT (the first) and PORTS, and in its arguments in place of {port} and {port:2}; bindwise "
            + "becomes that command (exec). A background process, bindwise pick --hold-leases, keeps the leases until their time is over "
            + "and then ends.";

    public override HelpPage Help =>
        new HelpPage("bindwise pick: print ports that can be bound now, one per line, and that no other pick gets.")
            .Examples(
                "bindwise pick",
                "bindwise pick 2 --range 8000-8999 --udp",
                "bindwise pick --prefer 8080",
                "bindwise pick 2 --near 8080 --json",
                "bindwise pick --hold -- python3 -m http.server {port}",
                "bindwise pick 2 -- sh -c 'echo $PORTS; echo \"$1\"' sh {port:2}")
            .Usage("bindwise pick [options] [N] [-- COMMAND...]")
            .Parameters(Command)
            .Text(Picking)
            .Text(Commands)
            .ExitCodes("Exit codes (with a command that was started: the command's own):",
                (ExitCode.Success, "as many ports as asked for are printed"),
                (ExitCode.Negative, "there are not enough; none is printed"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.NotExecutable, "the command cannot be executed"),
                (ExitCode.NotFound, "the command was not found"),
                (ExitCode.Interrupted, "interrupted"));
}
