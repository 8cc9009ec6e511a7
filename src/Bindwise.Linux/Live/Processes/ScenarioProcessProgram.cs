using System.Collections;

namespace Bindwise.Linux.Live.Processes;

/// <summary>The program that is started as a process of a scenario: this one once more, with <see cref="ScenarioProcess.Verb"/>.</summary>
public static class ScenarioProcessProgram
{
    private const string Name = "bindwise";
    private const string Runtime = "dotnet";

    // This program, even if its file was replaced meanwhile.
    private const string ThisOne = "/proc/self/exe";

    private static volatile bool s_isHere;

    /// <summary>This program knows the verb: it starts itself.</summary>
    public static void IsHere() => s_isHere = true;

    /// <summary>Its file and arguments, its own name first.</summary>
    /// <exception cref="LiveUnavailableException">This program is another, and no bindwise stands beside it.</exception>
    internal static (string Path, string[] Arguments) Find()
    {
        var own = Environment.ProcessPath ?? "";
        var isRuntime = Path.GetFileName(own) == Runtime;
        if (s_isHere)
            return (ThisOne, isRuntime ? [Runtime, Environment.GetCommandLineArgs()[0]] : [Name]);
        var beside = Path.Combine(AppContext.BaseDirectory, Name);
        if (File.Exists(beside))
            return (beside, [Name]);
        if (isRuntime && File.Exists(beside + ".dll"))
            return (ThisOne, [Runtime, beside + ".dll"]);
        throw new LiveUnavailableException($"a scenario's processes are run by the program {Name}, which is missing next to this one ({AppContext.BaseDirectory})");
    }

    /// <summary>Its environment: this one's, but no runtime that leaves a socket in /tmp when it is killed.</summary>
    internal static List<string> Environs()
    {
        var texts = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name != NoDiagnostics)
                texts.Add($"{name}={variable.Value}");
        }
        texts.Add(NoDiagnostics + "=0");
        return texts;
    }

    private const string NoDiagnostics = "DOTNET_EnableDiagnostics";
}
