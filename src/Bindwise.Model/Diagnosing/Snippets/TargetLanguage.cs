using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Runtimes;
using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Diagnosing.Snippets;

/// <param name="Runtime">The runtime; C when it is not known.</param>
/// <param name="IsKnown">It was recognised; false: C is only what everybody can read.</param>
/// <param name="IsLibrary">This library's own requests.</param>
/// <param name="Host">The runtime itself, where it is another with the modules of <paramref name="Runtime"/>: Bun or Deno.</param>
internal readonly record struct TargetLanguage(
    Runtime Runtime, bool IsKnown, bool IsAsyncio = false, bool IsLibrary = false, Runtime? Host = null)
{
    private static readonly TargetLanguage Nobody = new(Runtime.C, IsKnown: false);

    /// <summary>
    /// Of the program that is about to bind: the one whose error was pasted, that was asked about, or whose call failed; else what already
    /// holds the port, which is most often the same.
    /// </summary>
    public static TargetLanguage Starting(DiagnosisContext context) => Pasted(context) ?? Asked(context.Snapshot.Caller.As)
        ?? Using(context.Plan.Api) ?? Calling(context.Snapshot.Caller) ?? Of(context.Main?.Owners ?? []) ?? Nobody;

    /// <summary>
    /// Of the program that holds the socket: what it runs on; when nobody is to be seen, that of the pasted error or of the failed call.
    /// </summary>
    public static TargetLanguage Holding(DiagnosisContext context) =>
        context.Main is { Owners: { IsEmpty: false } owners } ? Of(owners) ?? Nobody
            : Pasted(context) ?? Calling(context.Snapshot.Caller) ?? Nobody;

    /// <summary>Of any of these processes: what all of them run on that are recognised; null where they differ or none is.</summary>
    public static TargetLanguage? Of(ImmutableArray<Owner> owners)
    {
        // The maker's code is what has to change.
        if (owners is [{ Role: OwnerRole.Creator } maker, ..])
            return Of(maker.Process);
        TargetLanguage? answer = null;
        foreach (var owner in owners)
        {
            if (Of(owner.Process) is not { } one || (answer is { } other && other.Runtime != one.Runtime))
                return null;
            answer = one;
        }
        return answer;
    }

    /// <summary>Of one process; null when it is not recognised.</summary>
    public static TargetLanguage? Of(ProcessRecord process) =>
        RuntimeSigns.Of(process) is { } runtime ? Hosted(runtime, RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process))) : null;

    private static TargetLanguage Hosted(Runtime language, Runtime? host) => new(language, IsKnown: true,
        Host: host is { } other && other != language && RuntimeBook.LanguageOf(other) == language ? other : null);

    private static TargetLanguage? Asked(Subject? program) => program switch
    {
        { Runtime: { } name } when RuntimeSigns.OfName(name) is { } runtime => Hosted(runtime, RuntimeBook.OfLabel(name)),
        { Process: { } process } => Of(process),
        _ => null,
    };

    private static TargetLanguage? Using(SocketApi api) =>
        api == SocketApi.Unknown ? null : new TargetLanguage(Runtime.DotNet, IsKnown: true, IsLibrary: api == SocketApi.Bindwise);

    // What it is written in need not be known: the holder's language is then no better than any.
    private static TargetLanguage? Calling(Caller caller) => caller.Process is { } process ? Of(process) ?? Nobody : null;

    private static TargetLanguage? Pasted(DiagnosisContext context) =>
        context.Target.Pasted?.Runtime is { } name && RuntimeSigns.OfName(name) is { } runtime
        ? Hosted(runtime, RuntimeBook.OfLabel(name)) with { IsAsyncio = name == RuntimeProfiles.AsyncioName }
        : null;
}

/// <summary>Tells the runtime by a name. A program of its own, whose file could be written in anything, is never guessed at.</summary>
internal static class RuntimeSigns
{
    /// <summary>
    /// The language of the runtime whose errors are worded so (<see cref="PastedError.Runtime"/>); null for one that has none here.
    /// </summary>
    public static Runtime? OfName(string name) =>
        RuntimeBook.OfLabel(name == RuntimeProfiles.AsyncioName ? Runtime.Python.Label() : name) is { } runtime
            ? RuntimeBook.LanguageOf(runtime) : null;

    /// <summary>
    /// The language of what a process runs on: by what its file says, or by the executable's name, which for a script is the interpreter;
    /// where that may not be read, by the first argument. Null when neither is an interpreter's name.
    /// </summary>
    public static Runtime? Of(ProcessRecord process)
    {
        // An interpreter may be built with some Rust in it.
        if (process.BuiltFor is { } runtime and not Runtime.Rust)
            return runtime;
        if (process.Executable is { Length: > 0 } executable)
            return IsGoRun(executable) ? Runtime.Go : OfProgram(executable) ?? process.BuiltFor;
        return process.Arguments is [{ } first, ..] ? OfProgram(first) : null;
    }

    /// <summary>The same, or a runtime that is known and has no line of code in its words (Perl).</summary>
    public static Runtime? OrWordless(ProcessRecord process) =>
        Of(process) ?? RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process));

    /// <summary>What <c>go run</c> builds and starts: /tmp/go-build1234/b001/exe/main.</summary>
    private static bool IsGoRun(string path)
    {
        var at = path.IndexOf("/go-build", StringComparison.Ordinal);
        return at >= 0 && path.IndexOf("/exe/", at, StringComparison.Ordinal) > at;
    }

    private static Runtime? OfProgram(string path) =>
        RuntimeBook.OfProgram(ProcessNames.FileName(path)) is { } runtime ? RuntimeBook.LanguageOf(runtime) : null;
}
