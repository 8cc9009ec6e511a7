using System.Buffers;
using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Pick;

/// <summary>One run of <c>pick</c>.</summary>
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
            errors.Write(exception.Message);
            return ExitCode.Error;
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
            picked.HandOver(Lease, isOrphaned: false, isHeld: false);
        output.Write(line.Json ? Json(picked) : Encoding.ASCII.GetBytes(
            string.Concat(picked.Ports.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Number}\n")))));
        if (output.Fault is not { } fault)
            return ExitCode.Success;
        errors.Write($"cannot write to standard output: {fault}");
        return ExitCode.Error;
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
