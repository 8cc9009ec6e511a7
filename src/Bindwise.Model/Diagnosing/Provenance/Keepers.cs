namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// bindwise itself, where it has a socket only to keep it for a program that it runs: <c>run --hold</c>, <c>pick --hold</c>.
/// </summary>
internal static class Keepers
{
    private const string Program = "bindwise";

    // As the build calls it; run by .NET's runtime it is a file of this name.
    private const string Assembly = "Bindwise.Cli";

    /// <summary>How <c>pick</c> calls the process that keeps its leases and, with the last of these, its ports.</summary>
    internal const string Pick = "pick", LeaseOption = "--hold-leases", UntilListening = "--until-listening";

    /// <summary>Whether a process is the program <c>bindwise</c>, whatever it does.</summary>
    public static bool AreProgram(ProcessRecord process) => ProcessNames.ProgramOf(process) is Program or Assembly
        || AreCalled(process.Name) || ScriptNames.Run(process) == Assembly + ".dll";

    /// <summary>Whether the kernel's name of a process is that of the program.</summary>
    public static bool AreCalled(string name) => name is Program or Assembly;

    /// <summary>Whether a process keeps sockets for others: told by its command line.</summary>
    public static bool Is(ProcessRecord process) => AreProgram(process) && WordsOf(process) is var words
        && (words is [Pick, LeaseOption, _, UntilListening, ..] || IsHeldRun(words));

    /// <summary>
    /// The program about whose calls the kernel asks a process, by its number, as <c>run</c> does; itself of <c>audit</c> and
    /// <c>run --hold</c>, which ask about what they start; null of any other process.
    /// </summary>
    public static int? SupervisedBy(ProcessRecord process) => !AreProgram(process) ? null : WordsOf(process) switch
    {
        ["run", "--supervise", var program, ..] =>
            int.TryParse(program, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
        ["audit", ..] => process.Id,
        var words => IsHeldRun(words) ? process.Id : null,
    };

    private static bool IsHeldRun(List<string> words) => words is ["run", ..] && words.Contains("--hold");

    /// <summary>The program for which <c>pick --hold</c> keeps a socket until that listens; null for any other socket.</summary>
    public static string? PickedFor(IReadOnlyList<Owner> owners) =>
        Of(owners) is { } keeper && PickedBy(keeper) is var (name, process) ? $"{name} (pid {process})" : null;

    /// <summary>
    /// What to call the program for which alone a socket is kept: one that has yet to listen (<c>pick --hold</c>), or that does not use it,
    /// as between two starts (<c>run --hold</c>). Null where somebody uses the socket, or nobody keeps it.
    /// </summary>
    public static string? OnlyFor(IReadOnlyList<Owner> owners) => owners is not [{ Role: OwnerRole.Keeper, Process: var keeper }] ? null
        : PickedBy(keeper)?.Name ?? RunBy(keeper);

    /// <summary>The same with the program's id where that is known.</summary>
    public static string? NamedFor(IReadOnlyList<Owner> owners) => OnlyFor(owners) is { } program ? PickedFor(owners) ?? program : null;

    /// <summary>What <c>run --hold</c> runs, and ends with it; null of any other process.</summary>
    public static string? RunBy(ProcessRecord keeper) =>
        keeper.Arguments.SkipWhile(static word => word != "--").Skip(1).ToImmutableArray() is [var first, ..] command
            ? ProcessNames.Plain(keeper with { Executable = null, Name = ProcessNames.FileName(first), Arguments = command })
            : null;

    private static (string Name, string Process)? PickedBy(ProcessRecord keeper) =>
        WordsOf(keeper) is [Pick, LeaseOption, _, UntilListening, var process, var name, ..] ? (name, process) : null;

    // Where .NET's runtime runs the program its file stands before the verb.
    private static List<string> WordsOf(ProcessRecord process) =>
        [.. process.Arguments.Skip(1).SkipWhile(static word => word.EndsWith(".dll", StringComparison.Ordinal))
            .TakeWhile(static word => word != "--")];

    /// <summary>
    /// Those of a socket's holders that use it; all of them where each only keeps it, as between two runs of the program.
    /// </summary>
    public static ImmutableArray<Owner> Users(IReadOnlyList<Owner> owners)
    {
        var users = owners.Where(static owner => owner.Role != OwnerRole.Keeper).ToImmutableArray();
        return users.IsEmpty ? [.. owners] : users;
    }

    /// <summary>The one of a socket's holders that keeps it for the others; null for none.</summary>
    public static ProcessRecord? Of(IReadOnlyList<Owner> owners) =>
        owners.FirstOrDefault(static owner => owner.Role == OwnerRole.Keeper)?.Process;
}
