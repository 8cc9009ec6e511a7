using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>Whether the program whose error was pasted is the one that holds the port: by its name, or by its script in the stack trace.</summary>
internal static class SameProgram
{
    public static bool Is(PastedError pasted, ProcessRecord process)
    {
        if (pasted.Program is { } program && (process.Name == program || ProcessNames.ProgramOf(process) == program))
            return true;
        return pasted.Files.Any(file => process.Arguments.Any(argument => IsFile(file, argument, process.WorkingDirectory)));
    }

    private static bool IsFile(string file, string argument, string? folder)
    {
        if (argument.Length == 0 || argument[0] == '-')
            return false;
        if (argument[0] == '/')
            return argument == file;
        var relative = argument.StartsWith("./", StringComparison.Ordinal) ? argument[2..] : argument;
        return folder is not null && file == folder.TrimEnd('/') + "/" + relative;
    }
}
