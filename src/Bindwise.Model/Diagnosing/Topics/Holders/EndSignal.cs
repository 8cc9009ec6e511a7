using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// The gentlest signal that ends a process: SIGTERM, unless the program is known to do something else on it, or it has no effect
/// (signal(7), pid_namespaces(7)).
/// </summary>
/// <param name="Number">The same on every architecture that is supported.</param>
/// <param name="Why">Why it is not SIGTERM, a clause without its subject; empty for SIGTERM.</param>
internal sealed record EndSignal(string Name, int Number, string Why = "")
{
    private static readonly EndSignal Terminate = new("SIGTERM", 15);
    private static readonly EndSignal Interrupt = new("SIGINT", 2);

    /// <summary>The last one: whoever gets it cannot clean up.</summary>
    public static EndSignal Kill { get; } = new("SIGKILL", 9);

    /// <summary>None from here ends it: it is process 1 here, which not even SIGKILL reaches.</summary>
    private static readonly EndSignal Nothing = new("", 0);

    private static readonly EndSignal HangUp = new("SIGHUP", 1);

    private static readonly EndSignal Quit = new("SIGQUIT", 3);

    // SIGHUP is left out: who handles it most often reads its configuration again; but it ends a shell.
    private static readonly EndSignal[] Others = [Interrupt, Quit];

    // Not SIGINT: bash catches that while a command of its script runs, and goes on unless the command dies of it.
    private static readonly EndSignal[] OfShells = [HangUp, Quit];

    /// <summary>
    /// Programs that take SIGTERM for another order, and what ends them at once: PostgreSQL (pmdie(), postmaster.c), Pgpool-II (die(),
    /// child.c), uWSGI before 2.1 without die-on-term (its page "Managing the uWSGI server"), and concurrently where it restarts its
    /// commands (kill-on-signal.ts: only what ends after SIGINT has not failed).
    /// </summary>
    private static readonly Dictionary<string, (EndSignal Signal, string? OnlyWith)> Own =
        new Dictionary<string, (string Why, string? OnlyWith)>
        {
            ["postgres"] = ("answers SIGTERM by waiting for its clients to leave", null),
            ["pgpool"] = ("answers SIGTERM by waiting for its clients to leave", null),
            ["uwsgi"] = ("answers SIGTERM by reloading", null),
            ["uwsgi-core"] = ("answers SIGTERM by reloading", null),
            ["concurrently"] = ("answers SIGTERM by starting its commands again", "--restart-tries"),
            ["concurrently.js"] = ("answers SIGTERM by starting its commands again", "--restart-tries"),
        }.ToDictionary(static row => row.Key, static row => (Interrupt with { Why = row.Value.Why }, row.Value.OnlyWith),
            StringComparer.Ordinal);

    /// <summary>As kill(1) takes it: nothing for SIGTERM.</summary>
    public ShellCommand Option => Number switch
    {
        15 => ShellCommand.Empty,
        9 => ShellCommand.Of($"-KILL "),
        2 => ShellCommand.Of($"-INT "),
        1 => ShellCommand.Of($"-HUP "),
        _ => ShellCommand.Of($"-QUIT ")
    };

    /// <summary>No signal that is sent from here is sure to end it.</summary>
    public bool IsNothing => Number == 0;

    /// <summary>It has no chance to clean up.</summary>
    public bool IsKill => Number == Kill.Number;

    /// <summary>It ends a shell, also one at which somebody types, which nothing gentler does.</summary>
    public bool IsHangUp => Number == HangUp.Number;

    /// <summary>The number of a signal by its name; SIGTERM's for any other.</summary>
    public static int NumberOf(string? name) =>
        Others.Append(Kill).Append(HangUp).FirstOrDefault(one => one.Name == name, Terminate).Number;

    /// <summary>The signal for a process; the program's own, else SIGTERM, where its masks are not known.</summary>
    /// <param name="ofJob">What it gets instead of SIGTERM, since another one of its job does; null for nothing.</param>
    public static EndSignal Of(ProcessRecord process, EndSignal? ofJob = null)
    {
        var first = OwnOf(process) ?? (ofJob is null ? Terminate : ofJob with { Why = "" });
        var obeysItsMaster = IsThreadedApacheWorker(process);
        var isNode = process.IsFirst && RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process)) == Runtime.Node;
        if (process.Signals is not { } masks || Reaches(first))
            return first;
        if (Reaches(Terminate))
            return Terminate;
        var why = masks.IgnoreTerminate ? "ignores SIGTERM"
            : obeysItsMaster ? "ends only when its master tells it to"
            : isNode ? "is process 1 of its PID namespace, where Node.js survives SIGTERM unless its program handles that"
            : process.IsFirst ? "is process 1 of its PID namespace and does not handle SIGTERM"
            : "blocks SIGTERM";
        // One that it blocks as well is as little sure as SIGTERM.
        var others = Array.FindAll(Shells.Are(process) ? OfShells : Others, one => !Has(masks.Blocked, one) && Reaches(one));
        var other = Array.Find(others, one => Has(masks.Caught, one)) ?? others.FirstOrDefault() ?? (process.Id == 1 ? Nothing : Kill);
        return other with { Why = why };

        // What has a handler and is blocked now is let in sooner or later: event loops let signals in only while they wait.
        bool Reaches(EndSignal signal) => !Has(masks.Ignored, signal)
            && (Has(masks.Caught, signal) ? !IsDropped(signal) : !Has(masks.Blocked, signal) && !process.IsFirst);

        bool IsDropped(EndSignal signal) => (isNode && IsNodes(signal)) || (obeysItsMaster && signal == Terminate);
    }

    // A worker of mpm_event and mpm_worker reads from its master's pipe when to end, and its handler of SIGTERM does nothing
    // (dummy_signal_handler(), server/mpm/event/event.c). Alone among Apache's processes it blocks SIGINT (apr_setup_signal_thread()).
    private static bool IsThreadedApacheWorker(ProcessRecord process) => process.Signals is { } masks && Has(masks.Blocked, Interrupt)
        && ProcessNames.KnownAs(process).Any(static name => name is "apache" or "httpd");

    /// <summary>
    /// The signal by which the program itself wants to be ended, and which it answers in its own time; null where that is SIGTERM.
    /// </summary>
    public static EndSignal? OwnOf(ProcessRecord process)
    {
        // A session of PostgreSQL takes SIGINT for the end of a query, and has a title that says whose session it is.
        if (process.Arguments is [['p', 'o', 's', 't', 'g', 'r', 'e', 's', ':', ..], ..])
            return null;
        return ProcessNames.KnownAs(process).Select(Own.GetValueOrDefault).FirstOrDefault(own => own.Signal is not null
            && (own.OnlyWith is not { } option
                || process.Arguments.Any(argument => argument.StartsWith(option, StringComparison.Ordinal)))).Signal;
    }

    // Its handler of these makes the default of them again and raises them, which the kernel drops for process 1 (SignalExit(), node.cc).
    private static bool IsNodes(EndSignal signal) => signal == Terminate || signal == Interrupt;

    private static bool Has(ulong mask, EndSignal signal) => (mask >> (signal.Number - 1) & 1) != 0;
}
