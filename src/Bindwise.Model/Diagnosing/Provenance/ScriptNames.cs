using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>What an interpreter runs, by its command line: the name that a person knows the program by, where the process is only called <c>python3</c>.</summary>
public static class ScriptNames
{
    private const int MaximumLength = 40;

    /// <summary>Options that take the next argument as their value, by interpreter; of all others the value stands in the same argument.</summary>
    private static readonly ImmutableDictionary<string, ImmutableArray<string>> WithValue = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
    {
        ["python"] = ["-W", "-X", "--check-hash-based-pycs"],
        ["node"] = ["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file"],
        ["deno"] = ["-c", "--config", "--import-map", "--lock"],
        ["bun"] = ["-r", "--preload", "-c", "--config", "--cwd"],
        ["ruby"] = ["-I", "-r", "-C", "-E"],
        ["perl"] = ["-I"],
        ["php"] = ["-d", "-c", "-t", "-S"],
        ["java"] = ["-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "--add-opens", "--add-exports", "--add-reads", "--enable-native-access"],
        ["dotnet"] = ["--runtimeconfig", "--depsfile", "--additionalprobingpath", "--roll-forward", "--fx-version"],
        ["sh"] = ["-o", "--rcfile", "--init-file"],
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The script's file name, the jar, the module or the main class; null for a program of its own, and for code on the command line.</summary>
    public static string? Of(ProcessRecord process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (process.Arguments.Length < 2 || InterpreterOf(ProcessNames.ProgramOf(process)) is not { } interpreter)
            return null;
        var name = interpreter == "java" ? OfJava(process.Arguments) : OfScript(interpreter, process.Arguments);
        return name is null || name.Length == 0 || name == process.Name ? null : name.Length > MaximumLength ? name[..(MaximumLength - 1)] + "…" : name;
    }

    /// <summary>The family of an interpreter without its version (<c>python3.12</c> is <c>python</c>); null for any other program.</summary>
    private static string? InterpreterOf(string program) => program.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.') switch
    {
        "python" or "pypy" => "python",
        "node" or "nodejs" => "node",
        "sh" or "bash" or "dash" or "zsh" or "ksh" => "sh",
        var name => WithValue.ContainsKey(name) ? name : null,
    };

    private static string? OfScript(string interpreter, ImmutableArray<string> arguments)
    {
        var taking = WithValue[interpreter];
        for (var i = 1; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument.Length == 0)
                return null;
            if (interpreter == "python" && argument == "-m")
                return i + 1 < arguments.Length ? arguments[i + 1] : null;
            // Code on the command line has no name.
            if (argument is "-c" or "-e" or "--eval" or "-p" or "--print" or "-r" && !taking.Contains(argument))
                return null;
            if (argument is "exec" or "run" && interpreter is "dotnet" or "deno" or "bun")
                continue;
            if (taking.Contains(argument))
                i++;
            else if (argument[0] != '-')
                return FileName(argument);
        }
        return null;
    }

    private static string? OfJava(ImmutableArray<string> arguments)
    {
        for (var i = 1; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument is "-jar" or "-m" or "--module")
                return i + 1 < arguments.Length ? FileName(arguments[i + 1]) : null;
            if (WithValue["java"].Contains(argument))
                i++;
            else if (argument.Length > 0 && argument[0] is not ('-' or '@'))
                return argument.EndsWith(".java", StringComparison.Ordinal) ? FileName(argument) : argument[(argument.LastIndexOf('.') + 1)..];
        }
        return null;
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
