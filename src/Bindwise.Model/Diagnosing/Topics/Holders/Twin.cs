using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>The program that failed is already running, and holds the socket.</summary>
/// <param name="Name">What both are called, where only that is the same, and each may have its own data; null for one program.</param>
/// <param name="IsPasted">It is known by a pasted error.</param>
internal sealed record Twin(ProcessRecord Process, string? Name, bool IsPasted)
{
    public string Explain(Protocol protocol)
    {
        var what = protocol == Protocol.Unix ? "socket" : "port";
        if (Name is null)
            return $"The program that {(IsPasted ? "printed this error" : "failed")} is already running, and holds the {what}.";
        var folder = Process.WorkingDirectory is { Length: > 1 } path ? $" (in {path})" : "";
        return $"Another {Name}{folder} is already running, and holds the {what}: the same server started twice, or one that has to run "
            + $"beside yours, on a {what} of its own.";
    }

    /// <summary>The holder that is the program whose error was pasted, or whose call failed; null for none.</summary>
    public static Twin? Among(ImmutableArray<Owner> owners, PastedError? pasted, Caller caller)
    {
        var twins = owners.Select(owner => pasted is null ? Of(owner.Process, caller) : Of(owner.Process, pasted))
            .OfType<Twin>().ToList();
        return twins.Find(static twin => twin.Name is null) ?? twins.FirstOrDefault();
    }

    // By its script in the stack trace, by how it words its errors, or by the package that its frames are of.
    private static Twin? Of(ProcessRecord process, PastedError pasted)
    {
        if (pasted.Files.Any(file => process.Arguments.Any(argument => PathOf(argument, process) == file)))
            return new Twin(process, null, IsPasted: true);
        var names = NamesOf(process).ToList();
        return pasted.Program is { } program && names.Contains(program) ? new Twin(process, program, IsPasted: true)
            : pasted.Packages.FirstOrDefault(names.Contains) is { } package ? new Twin(process, package, IsPasted: true) : null;
    }

    // What started the process that failed may have made its socket for it.
    private static Twin? Of(ProcessRecord process, Caller caller) => caller.Process is not { } failed || failed.Id == process.Id
            || caller.AncestorIds.Contains(process.Id) || !ProcessNames.AreOfTheSameProgram(failed, process) ? null
        : failed.WorkingDirectory is { } folder && folder == process.WorkingDirectory
            && (failed.Arguments.SequenceEqual(process.Arguments) || (ScriptOf(failed) is { } script && script == ScriptOf(process)))
            ? new Twin(process, null, IsPasted: false)
        : ScriptOf(failed) is { } same && same == ScriptOf(process) ? new Twin(process, ScriptNames.Run(process), IsPasted: false)
        : ProgramFamilies.Of(process, null)?.Program is { } known ? new Twin(process, known, IsPasted: false)
        : null;

    private static string? ScriptOf(ProcessRecord process) =>
        RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process)) is { } runtime
            && ScriptArgument.In(runtime, process.Arguments) is { At: { } at } ? PathOf(process.Arguments[at], process) : null;

    private static string? PathOf(string argument, ProcessRecord process)
    {
        if (argument.Length == 0 || argument[0] is '-' or '/')
            return argument is ['/', ..] ? argument : null;
        var relative = argument.StartsWith("./", StringComparison.Ordinal) ? argument[2..] : argument;
        return process.WorkingDirectory is { } folder ? folder.TrimEnd('/') + "/" + relative : null;
    }

    private static IEnumerable<string> NamesOf(ProcessRecord process)
    {
        yield return process.Name;
        yield return ProcessNames.ProgramOf(process);
        // vite, vite.js; of a module -m uvicorn.
        if (ScriptNames.Run(process) is { } script)
        {
            yield return script;
            yield return script[..Math.Max(script.LastIndexOf('.'), 0)];
        }
        // The title that a server gives itself: "puma 6.4.0 (tcp://127.0.0.1:3000) [app]".
        if (process.Arguments is [var title, ..] && title.IndexOf(' ', StringComparison.Ordinal) is > 0 and var blank)
            yield return title[..blank].TrimEnd(':');
    }
}
