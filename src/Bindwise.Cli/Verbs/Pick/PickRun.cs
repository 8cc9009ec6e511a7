using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Pick;

[SupportedOSPlatform("linux")]
internal sealed class PickRun(PickLine line, AnswerStream output, ErrorLines errors)
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    /// <summary>Picks, and prints the ports or becomes the command.</summary>
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
        using var interruption = Interruption.EndsAtOnce(errors);
        return new PickSearch(line.Request, line.Keeping, CancellationToken.None).Run();
    }

    /// <summary>What outlives this process: a TIME_WAIT needs no lease.</summary>
    private TimeSpan Lease => line.Request.Reserve ? TimeSpan.Zero : line.Request.Lease ?? TimeSpan.Zero;

    private ExitCode Print(PickedPorts picked)
    {
        // Before anybody can read the ports, so that they are leased from then on without a gap.
        if (Lease > TimeSpan.Zero)
            picked.HandOver(Lease, isOrphaned: false, heldFor: null);
        output.Write(line.Json ? Json(picked) : Encoding.ASCII.GetBytes(
            string.Concat(picked.Ports.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Number}\n")))));
        return ExitCode.Success;
    }

    private byte[] Json(PickedPorts picked)
    {
        var lines = new ArrayBufferWriter<byte>();
        var address = line.Request.Address is { } one ? IpAddress.FromBytes(one.GetAddressBytes()) : (IpAddress?)null;
        foreach (var port in picked.Ports)
        {
            PickJson.Write(lines, new PickOutcome(
                port.Number, line.Request.Udp ? [Protocol.Tcp, Protocol.Udp] : [Protocol.Tcp], address, port.IsEphemeral, Lease,
                line.Request.Reserve ? Minute : null));
            lines.Write("\n"u8);
        }
        return lines.WrittenSpan.ToArray();
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
