using System.Globalization;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>How a process is called in a sentence.</summary>
internal static class ProcessNames
{
    private const int LongestScript = 100;

    /// <summary>The program's file name; the short name where the executable may not be read.</summary>
    public static string ProgramOf(ProcessRecord process)
    {
        var path = process.Executable;
        if (string.IsNullOrEmpty(path))
            return process.Name;
        return path[(path.LastIndexOf('/') + 1)..];
    }

    /// <summary><c>nginx (pid 4121)</c>; of an interpreter what it runs: <c>server.js (node, pid 4121)</c>.</summary>
    public static string Short(ProcessRecord process)
    {
        var name = NameOf(process);
        return ScriptOf(process) is { } script
            ? string.Create(CultureInfo.InvariantCulture, $"{script} ({name}, pid {process.Id})")
            : string.Create(CultureInfo.InvariantCulture, $"{name} (pid {process.Id})");
    }

    /// <summary>What to call it without its pid: the script, else the program.</summary>
    public static string Plain(ProcessRecord process) => ScriptOf(process) ?? NameOf(process);

    // An argument has up to 128 KiB.
    private static string? ScriptOf(ProcessRecord process) => ScriptNames.Of(process) is { } script ? script.Length <= LongestScript ? script : script[..(LongestScript - 1)] + "…" : null;

    // Node.js calls its first thread so since version 22, and with it the process.
    private static string NameOf(ProcessRecord process) => process.Name is "" or "MainThread" || IsCut(process) ? ProgramOf(process) : process.Name;

    // comm holds 15 bytes; the file's name is whole.
    private static bool IsCut(ProcessRecord process) => process.Name.Length == 15 && ProgramOf(process).StartsWith(process.Name, StringComparison.Ordinal);

    /// <summary><c>nginx (pid 4121) and 3 others</c>; the given text when nobody is there. Of those that only may hold it: <c>probably nginx (pid 4121)</c>.</summary>
    public static string Of(IReadOnlyList<Owner> owners, string nobody) => owners.Count switch
    {
        0 => nobody,
        1 when owners[0].Role == OwnerRole.Candidate => "probably " + Short(owners[0].Process),
        _ when owners.All(static o => o.Role == OwnerRole.Candidate) => "probably " + Wording.Alternatives([.. owners.Select(static o => Short(o.Process))]),
        1 => Short(owners[0].Process),
        2 => string.Create(CultureInfo.InvariantCulture, $"{Short(owners[0].Process)} and {Short(owners[1].Process)}"),
        var n => string.Create(CultureInfo.InvariantCulture, $"{Short(owners[0].Process)} and {n - 1} others"),
    };
}
