using System.Net;
using System.Runtime.Versioning;
using Bindwise.Model.Targets.Grammar;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs;

/// <param name="Program">What to become; null for nothing: the ports are printed.</param>
internal sealed record PickLine(PortPickRequest Request, PickKeeping Keeping = default, bool Json = false,
    IReadOnlyList<string>? Program = null);

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

    private readonly ValueOption _range =
        new("--range", "A-B", "Only these ports, and that of --prefer; the ephemeral ones among them last.");
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

    public override VerbRun Read(ParseResult parsed)
    {
        if (!OperatingSystem.IsLinux())
            throw new UsageException("bindwise pick needs Linux");
        var count = ReadCount(parsed.GetValue(_count) ?? []);
        var range = ReadRange(parsed.GetValue(_range));
        var (near, prefer) = (ReadPort(parsed, _near), ReadPort(parsed, _prefer));
        var (address, scope) = ReadAddress(parsed.GetValue(_address));
        var lease = _lease.Read(parsed);
        var (holds, passes) = (parsed.GetValue(_hold), parsed.GetValue(_listenFds));
        var request = new PortPickRequest
        {
            Count = count,
            Range = range,
            Near = near,
            Prefer = prefer,
            Address = address,
            Scope = scope,
            Udp = parsed.GetValue(_udp),
            Reserve = parsed.GetValue(_reserve),
        };
        var line = new PickLine(lease is { } given ? request with { Lease = given } : request)
        {
            Keeping = passes ? PickKeeping.Listeners : holds ? PickKeeping.Sockets : PickKeeping.Nothing,
            Json = parsed.GetValue(_json),
            Program = Program,
        };
        return WhyNot(line, lease, holds && passes) is { } contradiction ? throw new UsageException(contradiction)
            : (output, errors) => OperatingSystem.IsLinux() ? new PickRun(line, output, errors).Run() : ExitCode.Error;
    }

    private static string? WhyNot(PickLine line, TimeSpan? lease, bool keepsTwice)
    {
        var isKept = line.Keeping != PickKeeping.Nothing;
        if (lease > PortPickRequest.LongestLease)
            return "--lease is too long: give 24h at most";
        if (line.Program is { Count: 0 } or ["", ..])
            return ParserFault.NoProgram(line.Program, " after --") + ": leave it out, or name one, as in: bindwise pick -- npm start";
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

    private static int ReadCount(string[] words)
    {
        var count = 1;
        if (words.Length > 1)
            throw new UsageException($"give one number of ports, not {words.Length}: {string.Join(' ', words)}");
        if (words is [] || (int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && count is >= 1 and <= PortPickRequest.MostPorts))
            return count;
        throw new UsageException(count > PortPickRequest.MostPorts && count <= ushort.MaxValue
            ? string.Create(CultureInfo.InvariantCulture,
                $"{count} ports are too many, {PortPickRequest.MostPorts} at most; to have port {count} if it is free: bindwise pick "
                    + $"--prefer {count}")
            : $"{words[0]} is not a number of ports: give 1 to {PortPickRequest.MostPorts}");
    }

    private static PortRange? ReadRange(string? text) => text is null ? null : RangeOf(text) ?? throw new UsageException(
        $"--range {text} is not a range of ports: give the first and the last, as in 8000-8999, within {FullRange}");

    /// <summary>A range of ports that can be picked from: a port alone is none, nor is port 0.</summary>
    internal static PortRange? RangeOf(string text) =>
        text.Contains('-', StringComparison.Ordinal) && PortRange.TryParse(text, out var range) && range.First > 0 ? range : null;

    private static int? ReadPort(ParseResult parsed, ValueOption option) => parsed.GetValue(option) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= ushort.MaxValue ? port
        : throw new UsageException($"{option.Name} {text} is not a port: give one of {FullRange}");

    private static (IPAddress? Address, string? Scope) ReadAddress(string? text)
    {
        if (text is null)
            return default;
        var parts = HostText.Unbracketed(text).Split('%', 2);
        var scope = parts.ElementAtOrDefault(1);
        if (!IpAddress.TryParse(parts[0], out var address))
            throw new UsageException($"--address {text} is not an IP address: give one such as 127.0.0.1 or ::1");
        if (address.IsLinkLocal && string.IsNullOrEmpty(scope))
            throw new UsageException($"{address} is link-local and needs its interface, as in --address {address}%eth0");
        if (address is { IsLinkLocal: false, IsMulticast: false } && scope is not null)
            throw new UsageException($"--address {text} names an interface, which only a link-local address has: give {address}");
        return (address.ToIPAddress(), scope);
    }

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

[SupportedOSPlatform("linux")]
internal sealed class PickRun(PickLine line, AnswerStream output, ErrorLines errors)
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    public ExitCode Run()
    {
        try
        {
            using var picked = Pick();
            if (line.Request.Reserve)
                errors.Write($"{(line.Request.Count == 1 ? "the port is" : "the ports are")} reserved by a TIME_WAIT for a minute: the "
                    + $"program has to set SO_REUSEADDR to bind {(line.Request.Count == 1 ? "it" : "them")}");
            return line.Program is { } program ? Become(program, picked) : Print(picked);
        }
        catch (PortPickException exception)
        {
            errors.Write(exception.Message + (exception.Shortage.Ephemeral > 0 ? "; --range takes those too" : ""));
            return ExitCode.Negative;
        }
        catch (IOException exception)
        {
            return errors.Fail(exception.Message);
        }
    }

    // The signal must be the command's own again before this process becomes it.
    private PickedPorts Pick()
    {
        using var interruption = Interruption.EndsFirstProcess(errors);
        return PickSearch.Run(line.Request, line.Keeping, CancellationToken.None);
    }

    /// <summary>What outlives this process: a TIME_WAIT needs no lease.</summary>
    private TimeSpan Lease => line.Request.Reserve ? TimeSpan.Zero : line.Request.Lease ?? TimeSpan.Zero;

    private ExitCode Print(PickedPorts picked)
    {
        // Before anybody can read the ports, so that they are leased from then on without a gap.
        if (Lease > TimeSpan.Zero)
            picked.HandOver(Lease, isOrphaned: false, heldFor: null);
        if (line.Json)
            output.WriteAll(lines => WriteJson(lines, picked));
        else
            output.Write(string.Concat(picked.Ports.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Number}\n"))));
        return ExitCode.Success;
    }

    private void WriteJson(IBufferWriter<byte> lines, PickedPorts picked)
    {
        var address = line.Request.Address is { } one ? IpAddress.FromBytes(one.GetAddressBytes()) : (IpAddress?)null;
        foreach (var port in picked.Ports)
        {
            var outcome = new PickOutcome(
                port.Number, line.Request.Udp ? [Protocol.Tcp, Protocol.Udp] : [Protocol.Tcp], address, port.IsEphemeral, Lease,
                line.Request.Reserve ? Minute : null);
            PickJson.Write(lines, outcome with { Scope = line.Request.Scope });
            lines.Write("\n"u8);
        }
    }

    private ExitCode Become(IReadOnlyList<string> program, PickedPorts picked)
    {
        var typed = RawArguments.Read(program.Count) ?? [.. program.Select(Encoding.UTF8.GetBytes)];
        var command = PortPlaceholders.Fill(typed, [.. picked.Ports.Select(static one => one.Number)]);
        var why = PickedCommand.Become(command, picked, line.Keeping, Lease, out var exitCode);
        errors.Write($"{program[0]}: {why}");
        return (ExitCode)exitCode;
    }
}

/// <summary><c>{port}</c> and <c>{port:2}</c> in the arguments of a command.</summary>
internal static class PortPlaceholders
{
    private const string Start = "{port";
    private const int MostShown = 60;

    /// <summary>What is wrong with a command's placeholders, one line; null when nothing is.</summary>
    /// <param name="command">The program, in whose name nothing is replaced, and its arguments.</param>
    public static string? WhyNot(IReadOnlyList<string> command, int count)
    {
        foreach (var argument in command.Skip(1))
        {
            foreach (var found in In(argument))
            {
                if (IndexOf(argument[found], count) is null)
                    return $"there is no {Escaper.Escape(argument[found], MostShown)}: {Known(count)}";
            }
        }
        return null;
    }

    /// <summary>The command with its ports; what is no UTF-8 stays as it is.</summary>
    public static IReadOnlyList<byte[]> Fill(IReadOnlyList<byte[]> command, IReadOnlyList<ushort> ports) =>
        // Latin-1 gives each byte a letter, and each of them its byte again.
        [.. command.Select((word, index) => index == 0 ? word : Encoding.Latin1.GetBytes(Fill(Encoding.Latin1.GetString(word), ports)))];

    private static string Fill(string argument, IReadOnlyList<ushort> ports)
    {
        var text = new StringBuilder();
        var copied = 0;
        foreach (var found in In(argument))
        {
            var (start, length) = found.GetOffsetAndLength(argument.Length);
            text.Append(argument, copied, start - copied);
            text.Append(CultureInfo.InvariantCulture, $"{ports[IndexOf(argument[found], ports.Count) ?? 0]}");
            copied = start + length;
        }
        return text.Append(argument, copied, argument.Length - copied).ToString();
    }

    private static string Known(int count) => count == 1
        ? "one port is picked, {port}"
        : string.Create(CultureInfo.InvariantCulture, $"{count} ports are picked, {{port:1}} to {{port:{count}}}");

    // {port}, and {port: with all that follows until the next brace closes it.
    private static IEnumerable<Range> In(string argument)
    {
        for (var at = 0; (at = argument.IndexOf(Start, at, StringComparison.Ordinal)) >= 0; at += Start.Length)
        {
            var rest = argument.AsSpan(at + Start.Length);
            var length = rest is ['}', ..] ? 1 : rest is [':', ..] ? rest.IndexOf('}') + 1 : 0;
            if (length > 0)
                yield return at..(at + Start.Length + length);
        }
    }

    private static int? IndexOf(string placeholder, int count)
    {
        if (placeholder is "{port}")
            return 0;
        var isNumber = int.TryParse(placeholder.AsSpan(Start.Length + 1, placeholder.Length - Start.Length - 2), NumberStyles.None,
            CultureInfo.InvariantCulture, out var number);
        return isNumber && number >= 1 && number <= count ? number - 1 : null;
    }
}
