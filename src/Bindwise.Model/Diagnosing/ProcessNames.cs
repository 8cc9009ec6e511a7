using System.Globalization;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>How a process is called in a sentence.</summary>
internal static class ProcessNames
{
    /// <summary>The program's file name; the short name where the executable may not be read.</summary>
    public static string ProgramOf(ProcessRecord process)
    {
        var path = process.Executable;
        if (string.IsNullOrEmpty(path))
            return process.Name;
        return path[(path.LastIndexOf('/') + 1)..];
    }

    /// <summary><c>nginx (pid 4121)</c>.</summary>
    public static string Short(ProcessRecord process) =>
        string.Create(CultureInfo.InvariantCulture, $"{(process.Name.Length > 0 ? process.Name : ProgramOf(process))} (pid {process.Id})");

    /// <summary><c>nginx (pid 4121) and 3 others</c>; the given text when nobody is there.</summary>
    public static string Of(IReadOnlyList<Owner> owners, string nobody) => owners.Count switch
    {
        0 => nobody,
        1 => Short(owners[0].Process),
        2 => string.Create(CultureInfo.InvariantCulture, $"{Short(owners[0].Process)} and {Short(owners[1].Process)}"),
        var n => string.Create(CultureInfo.InvariantCulture, $"{Short(owners[0].Process)} and {n - 1} others"),
    };
}
