using System.CommandLine;
using Bindwise.Cli.CommandLine;
using Bindwise.Supervising.Holding;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Cli.Verbs.Run;

/// <summary>The options of <c>run --hold</c>.</summary>
internal sealed class HoldOptions
{
    /// <summary>More make no sense on one command line.</summary>
    private const int MostPatterns = 32;

    /// <summary>FDNAME_MAX of systemd.</summary>
    private const int LongestName = 255;

    private readonly Flag _hold =
        new("--hold", "Start the program as a child, start it again when it has ended, and give each start the listening sockets of the "
            + "last: connections wait in between.");
    private readonly ChoiceOption<RestartPolicy> _restart = new("--restart", "WHEN",
        "With --hold: start it again always, on-failure (any end but exit code 0; the default) or never but by SIGHUP.", "no policy",
        ("always", RestartPolicy.Always), ("on-failure", RestartPolicy.OnFailure), ("never", RestartPolicy.Never));

    private readonly TimeOption _stopTimeout =
        new("--stop-timeout", "With --hold: SIGKILL follows SIGTERM after this time, 5s by default.");

    private readonly ListOption _watch = new("--watch", "GLOB",
        "With --hold: start it again when a file changes; * and ? within a name, ** for any folders, a folder for all in it. Quote it. Can "
            + "be repeated.");
    private readonly Flag _overlap =
        new("--overlap", "With --hold: on SIGHUP and on a change the new one is up before the old one is told to stop.");
    private readonly Flag _listenFds =
        new("--listen-fds", "With --hold: pass each start what is kept as descriptors 3, 4..., with LISTEN_FDS, as systemd does.");

    private readonly ValueOption _names = new("--fdname", "NAMES",
        "With --listen-fds: what these are called (LISTEN_FDNAMES), in the order in which the program first made them, colons between "
            + "them.");

    public IEnumerable<Option> All => [_hold, _restart, _stopTimeout, _watch, _overlap, _listenFds, _names];

    /// <summary>What was asked for; null without --hold.</summary>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public HoldPlan? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (!parsed.GetValue(_hold))
        {
            if (All.FirstOrDefault(one => parsed.GetResult(one) is { Implicit: false }) is { } other)
                fault = $"{other.Name} needs --hold: it is about restarts";
            return null;
        }
        var plan = new HoldPlan
        {
            Watch = [.. parsed.GetValue(_watch) ?? []],
            Overlap = parsed.GetValue(_overlap),
            PassesSockets = parsed.GetValue(_listenFds),
            Names = [.. parsed.GetValue(_names)?.Split(':') ?? []],
        };
        if (plan.Watch.Length > MostPatterns || plan.Watch.Contains(""))
            fault = plan.Watch.Contains("") ? "--watch needs a pattern" : $"--watch was given more than {MostPatterns} times";
        if (!plan.Names.IsEmpty && !plan.PassesSockets)
            fault = "--fdname needs --listen-fds";
        else if (plan.Names.Any(static name => name.Length is 0 or > LongestName || name.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            fault = $"--fdname takes names of 1 to {LongestName} printable ASCII characters, with colons between them";
        if (fault is not null)
            return null;
        if (_restart.Read(parsed, out fault) is { } policy)
            plan = plan with { Restart = policy };
        if (fault is null && _stopTimeout.Read(parsed, out fault) is { } time)
            plan = plan with { StopTimeout = time };
        return fault is null ? plan : null;
    }
}
