using Bindwise.Model.Runtimes;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>How a process is called in a sentence.</summary>
internal static class ProcessNames
{
    private const int LongestScript = 100;
    private const string Busybox = "busybox";

    // A process is asked about many times in a row, and many run one program: so the name is cut out once.
    [ThreadStatic]
    private static (string? Path, string Name) s_last;

    /// <summary>The program's file name; the short name where the executable may not be read.</summary>
    public static string ProgramOf(ProcessRecord process)
    {
        if (process.Executable is not { Length: > 0 } path)
            return process.Name;
        if (s_last.Path != path)
            s_last = (path, FileName(path));
        return s_last.Name;
    }

    public static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The names under which a table of known programs has it: the program's, without a version, and its script's.</summary>
    public static IEnumerable<string> KnownAs(ProcessRecord process)
    {
        // php-fpm8.2, apache2.
        yield return RuntimeBook.WithoutVersion(ProgramOf(process)).ToString();
        if (ScriptNames.Run(process) is { } script)
            yield return script;
    }

    /// <summary>
    /// What would be an interpreter: the executable; where that may not be read the first argument, which the kernel itself makes the
    /// interpreter's path for a script that its first line starts (load_script(), fs/binfmt_script.c).
    /// </summary>
    public static string InterpreterOf(ProcessRecord process) =>
        (string.IsNullOrEmpty(process.Executable) || process.Executable.EndsWith("/" + Busybox, StringComparison.Ordinal))
            && ArgumentsOf(process) is [var first, ..] arguments
            && (arguments.Length < process.Arguments.Length || (first is ['/', ..] && arguments.Length > 1))
            ? FileName(first) : ProgramOf(process);

    /// <summary>The command line, without <c>busybox</c> where that stands before the applet's name.</summary>
    public static ImmutableArray<string> ArgumentsOf(ProcessRecord process) =>
        process.Arguments is [var first, _, ..] && (first == Busybox || first.EndsWith("/" + Busybox, StringComparison.Ordinal))
            ? process.Arguments[1..] : process.Arguments;

    /// <summary><c>nginx (pid 4121)</c>; of an interpreter what it runs: <c>server.js (node, pid 4121)</c>.</summary>
    public static string Short(ProcessRecord process)
    {
        var name = NameOf(process);
        return ScriptOf(process) is { } script
            ? string.Create(CultureInfo.InvariantCulture, $"{script} ({name}, pid {process.Id})")
            : string.Create(CultureInfo.InvariantCulture, $"{name} (pid {process.Id})");
    }

    /// <summary>Whether two run the same: the executable, and of an interpreter the script, or the code among its arguments.</summary>
    public static bool AreOfTheSameProgram(ProcessRecord one, ProcessRecord other) =>
        (one.Executable is { } path ? path == other.Executable : one.Name == other.Name)
        && ScriptNames.Run(one) is var script && script == ScriptNames.Run(other)
        && (script is not null || ScriptNames.CodeOf(one) == ScriptNames.CodeOf(other));

    /// <summary>What to call it without its pid: the script, else the program.</summary>
    public static string Plain(ProcessRecord process) => ScriptOf(process) ?? NameOf(process);

    // An argument has up to 128 KiB.
    private static string? ScriptOf(ProcessRecord process) =>
        ScriptNames.Of(process) is { } script ? script.Length <= LongestScript ? script : script[..(LongestScript - 1)] + "…" : null;

    /// <summary>The program's name alone, as the process or its title has it.</summary>
    // Node.js calls its first thread so since version 22, and with it the process. Of a name that was cut the file's is whole.
    public static string NameOf(ProcessRecord process) =>
        process.Name is "" or "MainThread" || ProcessTitles.AreCut(process.Name, ProgramOf(process))
            || ProcessTitles.IsCommandLine(process) ? ProgramOf(process)
            : ProcessTitles.Whole(process) ?? process.Name;

    /// <summary>
    /// <c>nginx (pid 4121) and 3 others</c>; the given text when nobody is there. Of those that only may hold it: <c>probably nginx (pid
    /// 4121)</c>.
    /// </summary>
    public static string Of(IReadOnlyList<Owner> owners, string nobody)
    {
        var users = Keepers.Users(owners);
        return users.Length != owners.Count ? $"{OfUsers(users, nobody)}, kept by {Short(Keepers.Of(owners)!)},"
            : Keepers.PickedFor(owners) is null && Keepers.OnlyFor(owners) is { } program
                ? $"{Short(owners[0].Process)}, which keeps the socket for {program},"
            : OfUsers(users, nobody);
    }

    private static string OfUsers(ImmutableArray<Owner> owners, string nobody) => owners.Length switch
    {
        0 => nobody,
        1 when owners[0].Role == OwnerRole.Candidate => "probably " + Short(owners[0].Process),
        _ when owners.All(static o => o.Role == OwnerRole.Candidate) =>
            "probably " + Wording.Alternatives([.. owners.Select(static o => Short(o.Process))]),
        1 => Short(owners[0].Process),
        2 => string.Create(CultureInfo.InvariantCulture, $"{Short(owners[0].Process)} and {Short(owners[1].Process)}"),
        var n => string.Create(CultureInfo.InvariantCulture, $"{Short(owners[0].Process)} and {n - 1} others"),
    };
}

/// <summary>
/// What an interpreter runs, by its command line: the name that a person knows the program by, where the process is only called
/// <c>python3</c>.
/// </summary>
internal static class ScriptNames
{
    private const int MaximumLength = 40;

    /// <summary>Interpreters in which nobody writes servers, but loops that start one.</summary>
    private static readonly HashSet<string> Others =
    [
        "awk", "gawk", "mawk", "nawk", "original-awk", "expect", "guile", "lua", "luajit", "tclsh", "wish",
    ];

    /// <summary>
    /// The script's file name, the jar, the module or the main class; null for a program of its own, for code on the command line, and
    /// where the process is called so itself (a script that its first line starts).
    /// </summary>
    public static string? Of(ProcessRecord process) => Run(process) is { } name && name != process.Name ? name : null;

    internal static string? Run(ProcessRecord process)
    {
        var arguments = WordsOf(process);
        if (RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process)) is not { } runtime
            || ScriptArgument.In(runtime, arguments) is not { At: { } at } script)
            return null;
        var argument = arguments[at];
        // A main class is known by its last part.
        var isClass = runtime == Runtime.Java && script.From == at && !argument.EndsWith(".java", StringComparison.Ordinal);
        var name = isClass ? argument[(argument.LastIndexOf('.') + 1)..] : ProcessNames.FileName(argument);
        return name.Length == 0 ? null : name.Length > MaximumLength ? name[..(MaximumLength - 1)] + "…" : name;
    }

    /// <summary>The code that an interpreter has as an argument (<c>python3 -c</c>); null for none.</summary>
    internal static string? CodeOf(ProcessRecord process)
    {
        var arguments = WordsOf(process);
        return RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process)) is { } runtime
            && ScriptArgument.In(runtime, arguments) is { At: null, From: var from } && from + 1 < arguments.Length
            ? arguments[from + 1] : null;
    }

    /// <summary>
    /// Whether a process is an interpreter that runs a script, from a file or as a text among its arguments; of a shell also from its
    /// standard input, but no text without a loop. Such a one may start a program over and over.
    /// </summary>
    internal static bool AreRunBy(ProcessRecord process) => Run(process) is not null
        || (Shells.Are(process) ? Shells.IsScript(process) && !Shells.RunsOnce(process)
            : RuntimeBook.OfProgram(ProcessNames.InterpreterOf(process)) is { } runtime
                ? ScriptArgument.In(runtime, WordsOf(process)) is not null
            : Others.Contains(RuntimeBook.WithoutVersion(ProcessNames.InterpreterOf(process)).ToString()) && process.Arguments.Length > 1);

    private static ImmutableArray<string> WordsOf(ProcessRecord process) =>
        ProcessTitles.IsCommandLine(process) ? ProcessTitles.WordsOf(process) : ProcessNames.ArgumentsOf(process);
}

/// <summary>Tells what may start its child again from what starts one program and ends with it, or only has it in a session.</summary>
internal static class Restarters
{
    private static readonly HashSet<string> Launchers = ["login", "docker-init", "containerd-shim", "runc", "crun", "init", "dbus-daemon"];

    /// <summary>Whether it may: an unknown program that has started children before.</summary>
    public static bool Are(ProcessRecord parent)
    {
        var name = ProcessNames.ProgramOf(parent);
        return !Wrappers.Are(parent) && !Launchers.Contains(name) && !Launchers.Contains(parent.Name)
            && !name.StartsWith("containerd-shim", StringComparison.Ordinal)
            && SessionProvenance.Of([parent]) is null && SessionProvenance.EditorOf([parent]) is null && !SocketActivators.IsSystemd(parent)
            && ContainerProxies.EngineOf(parent) is null;
    }

    /// <summary>
    /// Whether a parent may be nobody's starter: process 1 gets every orphan, and what it has started itself is mostly in its own group.
    /// </summary>
    public static bool MayHaveAdopted(ProcessRecord parent, ProcessRecord child) => parent.Id == 1 && parent.GroupId != child.GroupId;

    /// <summary>
    /// Who has started a server again: the server itself where it was there before and goes on (execve(2)), else the nearest parent that
    /// was one of the former server's too, above what was started with it: wrappers, tools, scripts, a bindwise that runs it, and the like
    /// of one of the former parents. Null where that cannot be told.
    /// </summary>
    /// <param name="server">That runs now.</param>
    /// <param name="parents">Its parents, the nearest first.</param>
    /// <param name="formers">The former server and its parents.</param>
    public static ProcessRecord? Of(ProcessRecord server, IReadOnlyList<ProcessRecord> parents, IReadOnlyCollection<ProcessRecord> formers)
    {
        if (formers.Any(server.IsSameAs))
            return server;
        var child = server;
        foreach (var parent in parents)
        {
            // A wrapper that starts its program again is xargs, find or their kind.
            if (formers.Any(parent.IsSameAs))
                return !MayHaveAdopted(parent, child) && (ScriptNames.AreRunBy(parent)
                    || (parent.Id > 1 && (Shells.Are(parent) || Wrappers.Are(parent) || Are(parent)))) ? parent : null;
            if (!(Wrappers.AreOrScript(parent) || Keepers.AreProgram(parent) || ToolNames.Of(parent) is not null
                || (!Shells.IsInteractive(parent) && formers.Any(former => ProcessNames.AreOfTheSameProgram(former, parent)))))
                return null;
            child = parent;
        }
        return null;
    }
}

/// <summary>
/// Which program or runtime a process is, by its executable and arguments, and with it what it does to a socket before bind().
/// </summary>
internal static class ProgramFamilies
{
    /// <summary>The longest path (PATH_MAX): a program may write any text over its arguments.</summary>
    private const int LongestPath = 4096;

    private static readonly Dictionary<string, RuntimeProfile> ByName = new(StringComparer.Ordinal)
    {
        ["php-fpm"] = RuntimeProfiles.PhpFpm,
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
    private static readonly string[] ReusingPython = ["http.server", "gunicorn", "uvicorn", "hypercorn", "flask", "runserver", "twistd",
        "waitress-serve", "daphne"];

    /// <summary>Programs that do the work of others under their names (httpd, ssh), in their own way.</summary>
    private static readonly string[] ManyInOne = ["busybox", "busybox-extras", "toybox", "dropbear", "dropbearmulti"];

    /// <summary>What it is known to be; null for a program of its own.</summary>
    /// <param name="runtime">The runtime that stands in the executable itself; null when none was recognised.</param>
    public static RuntimeProfile? Of(ProcessRecord process, string? runtime)
    {
        var program = ProcessNames.ProgramOf(process);
        if (Named(program) is { } profile)
            return profile;
        if (RuntimeBook.OfProgram(program) is not { } interpreter)
            return runtime == RuntimeProfiles.Go.Runtime ? RuntimeProfiles.Go
                : ManyInOne.Contains(program) ? null : Named(process.Name) ?? Named(StartedAs(process));
        return interpreter == Runtime.Shell ? null
            : interpreter == Runtime.Python && process.Arguments.Any(IsReusingPython) ? RuntimeProfiles.PythonReusing
                : RuntimeProfile.Of(interpreter);
    }

    // php-fpm8.2, apache2.
    private static RuntimeProfile? Named(ReadOnlySpan<char> name) =>
        ByName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(RuntimeBook.WithoutVersion(name), out var profile) ? profile : null;

    /// <summary>
    /// The name by which an executable called otherwise was started: Debian's redis-server is a link to redis-check-rdb, Nix's nginx starts
    /// .nginx-wrapped. Of a title that it wrote over its arguments (redis-server *:6379) the first word.
    /// </summary>
    private static ReadOnlySpan<char> StartedAs(ProcessRecord process)
    {
        if (process.Arguments is not [{ Length: <= LongestPath } first, ..])
            return default;
        // A path that has a blank is left whole, for it may go on to another name.
        var blank = first.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 ? first.AsSpan(first.LastIndexOf('/') + 1) : first.AsSpan(0, blank);
    }

    // "-m gunicorn", "/srv/venv/bin/gunicorn", "manage.py runserver".
    private static bool IsReusingPython(string argument) =>
        Array.Exists(ReusingPython, name => argument == name || argument.EndsWith("/" + name, StringComparison.Ordinal));
}
