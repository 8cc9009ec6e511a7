using System.Collections;

namespace Bindwise.Linux.Processes;

/// <summary>The program that this process runs, to be started once more.</summary>
internal static class OwnProgram
{
    /// <summary>Its file, even if that was replaced meanwhile.</summary>
    internal const string File = "/proc/self/exe";

    internal const string Name = "bindwise";
    private const string Runtime = "dotnet";
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>It is a file of the .NET runtime, with an assembly as its first argument.</summary>
    internal static bool IsRuntime => Path.GetFileName(Environment.ProcessPath ?? "") == Runtime;

    /// <summary>The first of its arguments: its own name, and of the runtime the assembly.</summary>
    internal static string[] Words => IsRuntime ? WordsOf(Environment.GetCommandLineArgs()[0]) : [Name];

    /// <summary>The first arguments of the runtime with an assembly.</summary>
    internal static string[] WordsOf(string assembly) => [Runtime, assembly];

    /// <summary>
    /// This process's environment, without the runtime's diagnostics, which leave a socket in /tmp when the process is killed.
    /// </summary>
    /// <param name="takes">Which variables go along.</param>
    internal static List<string> Environs(Func<string, bool> takes)
    {
        var texts = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name != Diagnostics && takes(name))
                texts.Add($"{name}={variable.Value}");
        }
        texts.Add(Diagnostics + "=0");
        return texts;
    }
}
