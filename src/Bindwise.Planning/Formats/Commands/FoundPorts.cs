namespace Bindwise.Planning.Formats.Commands;

/// <summary>
/// The ports of one command line as they are found. Commands that follow one another are ways to start one server: what they name alike
/// counts once. Those that run side by side are two servers, and each counts.
/// </summary>
internal sealed class FoundPorts
{
    private readonly List<(string Command, CommandPort Port)> _ports = [];
    private readonly List<ScriptCall> _scripts = [];
    private readonly HashSet<int> _groupsWithPorts = [];
    private readonly HashSet<(int Port, string? Host)> _sinceOther = [];

    /// <summary>The name of the command whose ports are added.</summary>
    public string Command { get; set; } = "";

    /// <summary>How many were found, those that count once each time.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Where what is found now runs, a path from the folder of its own file, and empty there. In another folder scripts are those of
    /// another package.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>The scripts of its own package that it runs.</summary>
    public IReadOnlyList<ScriptCall> Scripts => _scripts;

    /// <summary>How many lists of commands run side by side.</summary>
    public int Groups { get; private set; } = 1;

    public void Add(CommandPort port)
    {
        Count++;
        _groupsWithPorts.Add(Groups - 1);
        if (_sinceOther.Add((port.Port, port.Host)))
            _ports.Add((Command, port with { Folder = Folder }));
    }

    /// <param name="pattern">The script's name, or a pattern that several have.</param>
    /// <param name="areBeside">All that have it run side by side.</param>
    public void AddScript(ScriptPattern pattern, bool areBeside)
    {
        if (Folder.Length == 0)
            _scripts.Add(new ScriptCall(Groups - 1, pattern, areBeside));
    }

    /// <summary>What is found from here on runs beside what was found before.</summary>
    public void BeginOther()
    {
        _sinceOther.Clear();
        Groups++;
    }

    /// <summary>Whether one of the lists that run side by side names a port itself.</summary>
    public bool HasPort(int group) => _groupsWithPorts.Contains(group);

    /// <summary>The ports; where two would read alike, each with its command's name.</summary>
    public List<CommandPort> All()
    {
        var alike = _ports.CountBy(static one => one.Port.Text).Where(static one => one.Value > 1).Select(static one => one.Key)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. _ports.Select(one => alike.Contains(one.Port.Text) && one.Command.Length > 0
                ? one.Port with { Text = $"{one.Command} {one.Port.Text}" } : one.Port),
        ];
    }
}
