using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Terminals;
using Bindwise.Supervising;
using Bindwise.Supervising.Holding;

namespace Bindwise.Cli.Verbs.Run;

/// <summary>One run of <c>run</c>: this process becomes the program.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RunRun(RunLine line, ErrorLines errors)
{
    /// <summary>Becomes it; returns only where that does not work.</summary>
    public ExitCode Start()
    {
        var picked = new List<PickedPorts>();
        try
        {
            return Start(picked);
        }
        catch (Exception exception) when (exception is SupervisionException or PortPickException or IOException)
        {
            errors.Write(exception.Message);
            return ExitCode.Error;
        }
        finally
        {
            picked.ForEach(static one => one.Dispose());
        }
    }

    private ExitCode Start(List<PickedPorts> picked)
    {
        if (line.Hold is not null)
            HeldRun.Prepare(RawArguments.Read);
        var plan = line.Plan with { Columns = TerminalWidth.OfStandardError() };
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var old in line.Automatic)
        {
            // Never the old one, and each time one that no other run has.
            var one = PortPicker.Pick(new PortPickRequest { Lease = null });
            picked.Add(one);
            var port = one.Ports[0].Number;
            plan = plan with { Ports = plan.Ports.Add(new PortMove(old, port)) };
            variables.Add(new(string.Create(CultureInfo.InvariantCulture, $"BINDWISE_PORT_{old}"),
                port.ToString(CultureInfo.InvariantCulture)));
            errors.Write($"port {old.ToString(CultureInfo.InvariantCulture)} becomes {port.ToString(CultureInfo.InvariantCulture)} for "
                + $"this program (BINDWISE_PORT_{old.ToString(CultureInfo.InvariantCulture)})");
        }
        var typed = line.Program;
        // As bytes: what was typed need not be UTF-8.
        var command = RawArguments.Read(typed.Count) ?? [.. typed.Select(Encoding.UTF8.GetBytes)];
        plan = plan with { TellsLostRights = plan.TellsLostRights || ProcessReplacement.GainsRights(command[0]) };
        if (line.Hold is { } hold)
            return (ExitCode)HeldRun.Run(plan, hold, command, variables, new RunReport { IsParent = true });
        foreach (var note in SupervisionStart.Begin(plan, [.. picked.SelectMany(static one => one.Leases)]))
            errors.Write(note);
        var why = SupervisedCommand.Become(command, variables, out var exitCode);
        errors.Write($"{typed[0]}: {why}");
        return (ExitCode)exitCode;
    }
}
