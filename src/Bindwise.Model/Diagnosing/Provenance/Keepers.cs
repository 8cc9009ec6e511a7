namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// bindwise itself, where it has a socket only to keep it for a program that it runs: <c>run --hold</c>, <c>pick --hold</c>.
/// </summary>
internal static class Keepers
{
    private const string Program = "bindwise";

    // As the build calls it; run by .NET's runtime it is a file of this name.
    private const string Assembly = "Bindwise.Cli";
    private const string Option = "--hold";

    /// <summary>Whether a process is the program <c>bindwise</c>, whatever it does.</summary>
    public static bool AreProgram(ProcessRecord process) => ProcessNames.ProgramOf(process) is Program or Assembly
        || process.Name is Program or Assembly || ScriptNames.Run(process) == Assembly + ".dll";

    /// <summary>Whether a process keeps sockets for others: told by its command line.</summary>
    public static bool Is(ProcessRecord process)
    {
        if (!process.Arguments.Contains(Option) || !AreProgram(process))
            return false;
        // Where .NET's runtime runs the program its file stands before the verb.
        var words = process.Arguments.Skip(1).SkipWhile(static word => word.EndsWith(".dll", StringComparison.Ordinal))
            .TakeWhile(static word => word != "--").ToList();
        return words is ["run" or "pick", ..] && words.Contains(Option);
    }

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
