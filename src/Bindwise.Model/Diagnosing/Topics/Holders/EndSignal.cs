using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Topics.Holders;

/// <summary>The gentlest signal that ends a process: SIGTERM, unless that has no effect on it (signal(7), pid_namespaces(7)).</summary>
/// <param name="Name">As <c>SIGTERM</c>.</param>
/// <param name="Number">The same on every architecture that is supported.</param>
/// <param name="Why">Why it is not SIGTERM, a clause without its subject; empty for SIGTERM.</param>
internal sealed record EndSignal(string Name, int Number, string Why = "")
{
    private static readonly EndSignal Terminate = new("SIGTERM", 15);

    /// <summary>The last one: whoever gets it cannot clean up.</summary>
    public static EndSignal Kill { get; } = new("SIGKILL", 9);

    // SIGHUP is left out: who handles it most often reads its configuration again.
    private static readonly EndSignal[] Others = [new("SIGINT", 2), new("SIGQUIT", 3)];

    /// <summary>As kill(1) takes it: nothing for SIGTERM.</summary>
    public ShellCommand Option => Number switch
    {
        15 => ShellCommand.Empty,
        9 => ShellCommand.Of($"-KILL "),
        2 => ShellCommand.Of($"-INT "),
        _ => ShellCommand.Of($"-QUIT ")
    };

    /// <summary>It has no chance to clean up.</summary>
    public bool IsKill => Number == Kill.Number;

    /// <summary>The number of a signal by its name; SIGTERM's for any other.</summary>
    public static int NumberOf(string? name) => Others.Append(Kill).FirstOrDefault(one => one.Name == name, Terminate).Number;

    /// <summary>The signal for a process; SIGTERM where its masks are not known.</summary>
    public static EndSignal Of(ProcessRecord process)
    {
        if (process.Signals is not { } masks || Reaches(Terminate))
            return Terminate;
        var why = Has(masks.Ignored, Terminate) ? "ignores SIGTERM"
            : process.NamespacePid == 1 && !Has(masks.Caught, Terminate) ? "is process 1 of its PID namespace and does not handle SIGTERM"
            : "blocks SIGTERM";
        var other = Array.Find(Others, one => Has(masks.Caught, one) && Reaches(one)) ?? Array.Find(Others, Reaches) ?? Kill;
        return other with { Why = why };

        bool Reaches(EndSignal signal) =>
            !Has(masks.Blocked, signal) && !Has(masks.Ignored, signal) && (process.NamespacePid != 1 || Has(masks.Caught, signal));
    }

    private static bool Has(ulong mask, EndSignal signal) => (mask >> (signal.Number - 1) & 1) != 0;
}
