using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets.Errors;

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

/// <summary>Tells a shell at which a person types from one that runs a command or a script.</summary>
internal static class Shells
{
    private static readonly ImmutableHashSet<string> Names = ImmutableHashSet.Create(
        StringComparer.Ordinal,
        "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "yash", "zsh");

    /// <summary>A shell that runs a command or a script, and ends with it or starts it again.</summary>
    public static bool IsScript(ProcessRecord process) => Names.Contains(process.Name) && !IsInteractive(process);

    /// <summary>Options alone (<c>bash --login -i</c>): a person types. <c>-c</c>, or a script's name: a step in something that somebody else started.</summary>
    public static bool IsInteractive(ProcessRecord process) => Names.Contains(process.Name)
        && process.Arguments.Skip(1).All(static argument => argument is ['-' or '+', ..]
            && (argument is ['-', '-', ..] || !argument.Contains('c', StringComparison.Ordinal)));
}

/// <summary>Which runtime or program a process is, by its executable and arguments, and with it what it does to a socket before bind().</summary>
internal static class ProgramFamilies
{
    private static readonly Dictionary<string, RuntimeProfile> ByName = new(StringComparer.Ordinal)
    {
        ["node"] = RuntimeProfiles.Node,
        ["nodejs"] = RuntimeProfiles.Node,
        ["deno"] = RuntimeProfiles.Deno,
        ["bun"] = RuntimeProfiles.Bun,
        ["java"] = RuntimeProfiles.Java,
        ["dotnet"] = RuntimeProfiles.DotNet,
        ["ruby"] = RuntimeProfiles.Ruby,
        ["perl"] = RuntimeProfiles.Perl,
        ["php"] = RuntimeProfiles.Php,
        ["php-fpm"] = RuntimeProfiles.PhpFpm,
        ["python"] = RuntimeProfiles.PythonLibrary,
        ["beam.smp"] = RuntimeProfiles.Erlang,
        ["nginx"] = RuntimeProfiles.Nginx,
        ["apache"] = RuntimeProfiles.Apache,
        ["httpd"] = RuntimeProfiles.Apache,
        ["haproxy"] = RuntimeProfiles.HAProxy,
        ["postgres"] = RuntimeProfiles.PostgreSql,
        ["mysqld"] = RuntimeProfiles.MySql,
        ["mariadbd"] = RuntimeProfiles.MariaDb,
        ["pgpool"] = RuntimeProfiles.PgPool,
        ["redis-server"] = RuntimeProfiles.Redis,
        ["valkey-server"] = RuntimeProfiles.Redis,
        ["mongod"] = RuntimeProfiles.MongoDb,
        ["memcached"] = RuntimeProfiles.Memcached,
        ["sshd"] = RuntimeProfiles.Sshd,
        ["ssh"] = RuntimeProfiles.Ssh,
        ["dnsmasq"] = RuntimeProfiles.Dnsmasq,
        ["mosquitto"] = RuntimeProfiles.Mosquitto,
        ["uwsgi"] = RuntimeProfiles.Uwsgi,
        ["docker-proxy"] = RuntimeProfiles.DockerProxyOneFamily,
        ["systemd"] = RuntimeProfiles.Systemd,
    };

    /// <summary>Modules and scripts by which a Python program's library shows.</summary>
    private static readonly string[] ReusingPython = ["http.server", "gunicorn", "uvicorn", "hypercorn", "flask", "runserver", "twistd", "waitress-serve", "daphne"];

    /// <summary>What it is known to be; null for a program of its own.</summary>
    /// <param name="process">The process.</param>
    /// <param name="runtime">The runtime that stands in the executable itself; null when none was recognised.</param>
    public static RuntimeProfile? Of(ProcessRecord process, string? runtime)
    {
        var name = WithoutVersion(ProcessNames.ProgramOf(process));
        if (!ByName.TryGetValue(name, out var profile))
            return runtime == RuntimeProfiles.Go.Runtime ? RuntimeProfiles.Go : null;
        return profile == RuntimeProfiles.PythonLibrary && process.Arguments.Any(IsReusingPython) ? RuntimeProfiles.PythonReusing : profile;
    }

    // "-m gunicorn", "/srv/venv/bin/gunicorn", "manage.py runserver".
    private static bool IsReusingPython(string argument) =>
        Array.Exists(ReusingPython, name => argument == name || argument.EndsWith("/" + name, StringComparison.Ordinal));

    // python3.12, php8.2, php-fpm8.2, ruby3.1, apache2.
    private static string WithoutVersion(string program) => program.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
}
