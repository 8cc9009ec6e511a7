using Bindwise.Planning.Formats.Commands;

namespace Bindwise.Planning.Formats.Systemd;

/// <summary>
/// Service units (systemd.service(5)): <c>Environment=PORT=…</c>, and the port option in ExecStart= of programs whose options are known. A
/// service with a socket unit of its name gets its sockets from there, so nothing is read of it.
/// </summary>
internal sealed class ServiceUnitReader(PlanContext context)
{
    public const string Format = "systemd-service";

    public void Read(string file)
    {
        var settings = UnitText.Read(context, file, "Service", Format);
        var unit = UnitText.UnitOf(file);
        var socket = PlanPath.WithoutEnding(PlanPath.NameOf(unit), ".service") + ".socket";
        if (context.Files.List(PlanPath.FolderOf(unit)).Contains(socket))
            return;
        (int Port, PlanLocation Location)? variable = null;
        var commands = new List<UnitSetting>();
        foreach (var setting in settings)
        {
            if (setting is { Key: "ExecStart", Value.Length: 0 })
                commands.Clear();
            else if (setting.Key == "ExecStart")
                commands.Add(setting);
            else if (setting is { Key: "Environment", Value.Length: 0 })
                variable = null;
            else if (setting.Key == "Environment")
            {
                foreach (var word in CommandLineWords.Split(setting.Value))
                {
                    if (word.StartsWith("PORT=", StringComparison.Ordinal) && PortWords.Port(word[5..]) is { } port)
                        variable = (port, setting.Location);
                }
            }
        }
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (variable is { } known)
            values["PORT"] = known.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var isVariableUsed = false;
        foreach (var command in commands)
        {
            foreach (var found in CommandPorts.Of(command.Value.TrimStart('@', '-', ':', '+', '!', '|'), values))
            {
                isVariableUsed |= found.Port == variable?.Port;
                Add(file, found.Text, found.Binds(Binder.Engine), command.Location, found.CertaintyIn(PlanPath.FolderOf(file), context));
            }
        }
        if (variable is { } port1 && !isVariableUsed)
            Add(file, $"PORT={port1.Port}", Binder.Engine.DualStack(Protocol.Tcp, port1.Port), port1.Location);
    }

    private void Add(string file, string text, ImmutableArray<BindRequest> binds, PlanLocation at,
        PlanCertainty certainty = PlanCertainty.Stated) => context.Add(new PlannedPort
        {
            Format = Format,
            Location = at,
            Name = PlanPath.NameOf(UnitText.UnitOf(file)),
            Text = text,
            Binds = binds,
            Certainty = certainty,
            IsPrivilegedProgram = true,
            Alternatives = UnitText.AlternativesOf(file),
        });
}
