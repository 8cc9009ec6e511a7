namespace Bindwise.Planning.Formats.Commands;

/// <summary>
/// package.json: ports in its scripts. They are ways to start one program, so those of one package never meet, unless a script starts them
/// together.
/// </summary>
internal sealed class PackageReader(PlanContext context)
{
    public const string Format = "package-json";

    public void Read(string file)
    {
        if (context.ReadJson(file, Format) is not { } root)
            return;
        var folder = PlanPath.FolderOf(file);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (DotEnv.Port(context, PlanPath.Combine(folder, ".env")) is { } given)
            values["PORT"] = given.Port.ToString(CultureInfo.InvariantCulture);
        var scripts = (root["scripts"]?.Entries ?? [])
            .Select(script => (Script: script, Found: CommandPorts.Read(script.Value.Text ?? "", values))).ToList();
        var beside = new ScriptsBeside(scripts.ToDictionary(static one => one.Script.Key, static one => one.Found, StringComparer.Ordinal));
        foreach (var (script, found) in scripts)
        {
            foreach (var port in found.All())
            {
                context.Add(new PlannedPort
                {
                    Format = Format,
                    Location = new PlanLocation(file, script.Line, script.Column),
                    Name = $"script {script.Key} of {(folder.Length == 0 ? "this package" : folder)}",
                    Text = port.Text,
                    Binds = port.Binds(Binder.Program),
                    Certainty = port.CertaintyIn(folder, context),
                    // With cd it starts the program of that folder.
                    Alternatives = [ChoiceIn(folder, port.IsForPackageBelow), ChoiceIn(PlanPath.Combine(folder, port.Folder))],
                    IsForBrowsers = true,
                });
            }

            PlanAlternative ChoiceIn(string of, bool isOfAllBelow = false) =>
                PlanAlternative.OfProgram(of, ChoiceOf(script.Key), isOfAllBelow) with
                {
                    Beside = [.. beside.Of(script.Key).Select(ChoiceOf)],
                };
        }

        string ChoiceOf(string script) => $"{file}#{script}";
    }
}

/// <summary>
/// .env and .env.NAME with PORT: that of the folder's program, or of one below. Beside a compose file or a Procfile it is for those.
/// </summary>
internal sealed class DotEnvReader(PlanContext context)
{
    public void Read(string file)
    {
        if (context.Read(file, DotEnv.Format) is null)
            return;
        var folder = PlanPath.FolderOf(file);
        var found = DotEnv.Port(context, file);
        var isForProcfile = context.Files.List(folder).Contains("Procfile");
        if (found is null || isForProcfile || context.ComposeFolders.Contains(folder))
        {
            context.WhyNone[file] = context.ComposeFolders.Contains(folder) ? "its values are for the compose file beside it"
                : found is null ? DotEnv.WhyNoPort(context, file)
                : "its PORT is for the Procfile beside it";
            return;
        }
        context.Add(new PlannedPort
        {
            Format = DotEnv.Format,
            Location = found.Value.Location,
            Name = $"program of {(folder.Length == 0 ? "this folder" : folder)}",
            Text = $"PORT={found.Value.Port}",
            Binds = Binder.Program.DualStack(Protocol.Tcp, found.Value.Port),
            Alternatives = [PlanAlternative.OfProgram(folder, file, isOfAllBelow: true)],
        });
    }
}
