using System.CommandLine;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>The options by which an answer is asked for another program than one that the caller starts here and now.</summary>
internal sealed class SubjectOptions
{
    private readonly ValueOption _user =
        new("--user", "NAME|UID", "Answer for a program of this user, without capabilities unless the user is root.");
    private readonly ValueOption _network = new("--netns", "PID|NAME|PATH",
        "Answer for this network namespace: that of a process, a name from ip netns, or a file. Host and service names are still looked up "
            + "here.");
    private readonly ValueOption _process = new("--pid", "PID",
        "Answer for this process: its user, capabilities, network namespace, and the options it sets on its sockets.");
    private readonly ValueOption _unit = new("--unit", "NAME",
        "Answer for this systemd unit (.service unless you give another kind), from its files and its running process.")
    {
        Live = LiveValue.Units,
    };

    private readonly ValueOption _container =
        new("--container", "ID|NAME", "Answer for the main process of this container.") { Live = LiveValue.Containers };

    /// <summary>In the order of the help.</summary>
    public IEnumerable<ValueOption> All => [_user, _network, _process, _unit, _container];

    /// <summary>Whether they go together; null in the result when none was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isFromFile">It is answered from a saved snapshot.</param>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public SubjectSelector? Read(ParseResult parsed, bool isFromFile, out string? fault)
    {
        fault = null;
        var given = All.Where(option => parsed.GetValue(option) is not null).ToList();
        if (given.Count == 0)
            return null;
        var whole = given.Where(option => option == _process || option == _unit || option == _container).ToList();
        if (given.Find(option => parsed.GetValue(option) is "") is { } empty)
            fault = $"{empty.Name} needs a value: {empty.Name} {empty.HelpName}";
        else if (whole.Count > 1)
            fault = $"{whole[0].Name} and {whole[1].Name} cannot be used together: give one of them";
        else if (whole.Count == 1 && given.Count > 1)
            fault = $"{whole[0].Name} already sets the user and the network namespace: leave out {given[0].Name}";
        else if (isFromFile)
            fault = $"{given[0].Name} cannot be used with --snapshot: a snapshot is the answer for the program that it was taken for";
        return fault is not null ? null : new SubjectSelector
        {
            User = parsed.GetValue(_user),
            Network = parsed.GetValue(_network),
            Process = parsed.GetValue(_process),
            Unit = parsed.GetValue(_unit),
            Container = parsed.GetValue(_container),
        };
    }
}
