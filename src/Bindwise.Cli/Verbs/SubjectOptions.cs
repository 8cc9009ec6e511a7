using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs;

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

    public IEnumerable<ValueOption> All => [_user, _network, _process, _unit, _container];

    /// <param name="isFromFile">It is answered from a saved snapshot.</param>
    public SubjectSelector? Read(ParseResult parsed, bool isFromFile)
    {
        var given = All.Where(option => parsed.GetValue(option) is not null).ToList();
        if (given.Count == 0)
            return null;
        var whole = given.Where(option => option == _process || option == _unit || option == _container).ToList();
        if (given.Find(option => parsed.GetValue(option) is "") is { } empty)
            throw new UsageException($"{empty.Name} needs a value: {empty.Name} {empty.HelpName}");
        if (whole.Count > 1)
            throw new UsageException($"{whole[0].Name} and {whole[1].Name} cannot be used together: give one of them");
        if (whole.Count == 1 && given.Count > 1)
            throw new UsageException($"{whole[0].Name} already sets the user and the network namespace: leave out {given[0].Name}");
        if (isFromFile)
            throw new UsageException(
                $"{given[0].Name} cannot be used with --snapshot: a snapshot is the answer for the program that it was taken for");
        return new SubjectSelector
        {
            User = parsed.GetValue(_user),
            Network = parsed.GetValue(_network),
            Process = parsed.GetValue(_process),
            Unit = parsed.GetValue(_unit),
            Container = parsed.GetValue(_container),
        };
    }
}

/// <summary>The options that say what the program in question sets on its socket before bind().</summary>
internal sealed class BindingOptions
{
    private readonly Flag _plain =
        new("--plain", "Ask for a socket without options. Otherwise a TCP server is assumed to set SO_REUSEADDR, as nearly all do.");
    private readonly Flag _reuseAddress = new("--reuse-address", "The program sets SO_REUSEADDR before bind().");
    private readonly Flag _reusePort = new("--reuse-port", "The program sets SO_REUSEPORT before bind().");
    private readonly Flag _v6Only = new("--v6-only", "The program sets IPV6_V6ONLY: its [::] leaves IPv4 free.");
    private readonly Flag _dualStack = new("--dual-stack", "The program clears IPV6_V6ONLY: its [::] takes IPv4 too.");
    private readonly ValueOption _device = new("--device", "NAME", "The program binds to this interface (SO_BINDTODEVICE).");
    public IEnumerable<Option> All => [_plain, _reuseAddress, _reusePort, _v6Only, _dualStack, _device];

    public ProgramOptions Read(ParseResult parsed)
    {
        var (isPlain, reuses, shares) = (parsed.GetValue(_plain), parsed.GetValue(_reuseAddress), parsed.GetValue(_reusePort));
        if (isPlain && (reuses || shares))
            throw new UsageException("--plain asks for a socket without options: leave it out, or "
                + (reuses ? "--reuse-address" : "--reuse-port"));
        if (parsed.GetValue(_v6Only) && parsed.GetValue(_dualStack))
            throw new UsageException("--v6-only and --dual-stack are opposites: give one of them");
        if (parsed.GetValue(_device) is "")
            throw new UsageException("--device needs the name of an interface, such as eth0");
        return new ProgramOptions
        {
            ReuseAddress = isPlain ? false : reuses ? true : null,
            ReusePort = isPlain ? false : shares ? true : null,
            V6Only = parsed.GetValue(_v6Only) ? true : parsed.GetValue(_dualStack) ? false : null,
            Device = parsed.GetValue(_device),
        };
    }
}
