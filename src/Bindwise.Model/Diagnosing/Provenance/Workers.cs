using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Tells the workers of a server, which serve from the socket that it made, from programs that only inherited it.</summary>
internal static class Workers
{
    private const string ForkServer = "from multiprocessing.forkserver import";

    /// <summary>
    /// The same program; one that Python's multiprocessing started; or a child of the same interpreter, where that lets no child inherit a
    /// socket unless the program says so.
    /// </summary>
    public static bool AreOf(ProcessRecord process, ProcessRecord maker) => ProcessNames.AreOfTheSameProgram(process, maker)
        || (process.Executable is { Length: > 0 } path && path == maker.Executable
            && (AreOfMultiprocessing(process) || (process.ParentId == maker.Id && MustHaveBeenGiven(maker))));

    /// <summary>
    /// Started anew by multiprocessing, which gives each only what it asks for: <c>python3 -c "from multiprocessing.spawn import
    /// spawn_main; …" --multiprocessing-fork</c>, or the server that forks them (uvicorn, hypercorn, granian).
    /// </summary>
    public static bool AreOfMultiprocessing(ProcessRecord process) => process.Arguments.Contains("--multiprocessing-fork")
        || process.Arguments.Any(static argument => argument.StartsWith(ForkServer, StringComparison.Ordinal));

    private static bool MustHaveBeenGiven(ProcessRecord maker) =>
        RuntimeBook.OfProgram(ProcessNames.ProgramOf(maker)) is { } runtime && RuntimeBook.ClosesOnExec(runtime);
}
