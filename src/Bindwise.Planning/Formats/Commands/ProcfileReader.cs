namespace Bindwise.Planning.Formats.Commands;

/// <summary>
/// Procfiles as foreman runs them: the process types run together, and PORT of each is 5000 (or PORT of .env) plus 100 for each type before
/// it. A port that a command names itself is stated; one that comes from PORT alone is by convention, unless .env sets it.
/// </summary>
internal sealed class ProcfileReader(PlanContext context)
{
    public const string Format = "procfile";
    private const int FirstPort = 5000;
    private const int Step = 100;

    public void Read(string file)
    {
        if (context.Read(file, Format) is not { } text)
            return;
        var folder = PlanPath.FolderOf(file);
        var given = DotEnv.Port(context, PlanPath.Combine(folder, ".env"));
        var next = given?.Port ?? FirstPort;
        foreach (var (number, line) in ConfigurationLines.Of(text))
        {
            var at = new PlanLocation(file, number);
            if (line.AsSpan().Trim() is [] or ['#', ..])
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var type = colon > 0 ? line[..colon].Trim() : "";
            if (type.Length == 0 || !type.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'))
            {
                context.Warn("not-understood", "this line is not a process: write TYPE: COMMAND", at);
                continue;
            }
            var command = line[(colon + 1)..].Trim();
            if (next <= ushort.MaxValue)
                Add(file, folder, type, command, next, given is not null, at);
            next += Step;
        }
    }

    private void Add(string file, string folder, string type, string command, int port, bool isGiven, PlanLocation at)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        var usesVariable = command.Contains("$PORT", StringComparison.Ordinal) || command.Contains("${PORT", StringComparison.Ordinal);
        var found = CommandPorts.Read(command, new Dictionary<string, string> { ["PORT"] = number });
        foreach (var one in found.All())
            Add(one.Text, one.Binds(Binder.Program), one.CertaintyIn(folder, context) is not PlanCertainty.Stated and var unsure ? unsure
                : one.Port == port && usesVariable && !isGiven ? PlanCertainty.Assumed : PlanCertainty.Stated,
                PlanPath.Combine(folder, one.Folder));
        // A web process of its own listens on PORT; others do if they mention it.
        if (found is { Count: 0, Unclear: 0 } && type != "release" && (usesVariable || type == "web"))
            Add($"PORT={number}", Binder.Program.DualStack(Protocol.Tcp, port),
                isGiven && usesVariable ? PlanCertainty.Stated : PlanCertainty.Assumed, folder);

        // With cd it is the program of that folder.
        void Add(string text, ImmutableArray<BindRequest> binds, PlanCertainty certainty, string of) => context.Add(new PlannedPort
        {
            Format = Format,
            Location = at,
            Name = $"{PlanPath.NameOf(file)} {type}",
            Text = text,
            Binds = binds,
            Certainty = certainty,
            Alternatives = [PlanAlternative.OfProgram(folder, file), PlanAlternative.OfProgram(of, file)],
            // By its name it is the process type that gets HTTP.
            IsForBrowsers = type == "web",
        });
    }
}
