namespace Bindwise.Planning.Formats.Commands;

/// <summary>
/// The ports of one command line as they are found. Commands that follow one another are ways to start one server: what they name alike
/// counts once. Those that run side by side are two servers, and each counts.
/// </summary>
internal sealed class FoundPorts
{
    private readonly List<(string Command, CommandPort Port)> _ports = [];
    private readonly HashSet<(int Port, string? Host)> _sinceOther = [];

    /// <summary>The name of the command whose ports are added.</summary>
    public string Command { get; set; } = "";

    /// <summary>How many were found, those that count once each time.</summary>
    public int Count { get; private set; }

    public void Add(CommandPort port)
    {
        Count++;
        if (_sinceOther.Add((port.Port, port.Host)))
            _ports.Add((Command, port));
    }

    /// <summary>What is found from here on runs beside what was found before.</summary>
    public void BeginOther() => _sinceOther.Clear();

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
