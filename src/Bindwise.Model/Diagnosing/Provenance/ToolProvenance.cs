using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// By which package script, watcher or supervisor a process was started: told by its parents, up to the shell at which a person types.
/// </summary>
internal static class ToolProvenance
{
    /// <summary>
    /// The outermost tool: what somebody typed (<c>npm run dev</c>), not what that ran in turn (<c>nodemon server.js</c>); but a supervisor
    /// before all. It counts as a watcher when any on the way is one.
    /// </summary>
    public static StartingTool? Of(ProcessRecord process, IReadOnlyList<ProcessRecord> parents)
    {
        StartingTool? outermost = null;
        var isWatched = false;
        foreach (var parent in parents)
        {
            if (SupervisorOf(process, parent) is { } supervisor)
                return supervisor;
            if (Shells.IsInteractive(parent))
                break;
            if (ToolNames.Of(parent) is not { } named)
                continue;
            isWatched |= named.Watches;
            outermost = new StartingTool
            {
                Command = named.Command,
                ProcessId = parent.Id,
                GroupId = parent.GroupId,
                Kind = ToolKind.Runner,
            };
        }
        return isWatched && outermost is not null ? outermost with { Kind = ToolKind.Watcher } : outermost;
    }

    /// <summary>A supervisor that holds a socket for what it runs; null for any other process.</summary>
    public static StartingTool? OfItself(ProcessRecord process) => SupervisorOf(process, process);

    private static StartingTool? SupervisorOf(ProcessRecord process, ProcessRecord supervisor)
    {
        if (Supervisors.KindOf(supervisor) is not { } kind)
            return null;
        var name = Supervisors.NameOf(kind);
        var service = kind is ToolKind.Supervisord or ToolKind.Pm2 ? process.SupervisedAs : ArgumentOf(supervisor);
        return new StartingTool
        {
            Command = service is null ? name : name + " " + service,
            ProcessId = supervisor.Id,
            GroupId = supervisor.GroupId,
            Kind = kind,
            Service = service,
        };
    }

    private static string? ArgumentOf(ProcessRecord process) =>
        process.Arguments is [_, { Length: > 0 } first, ..] && first[0] != '-' ? first : null;
}

/// <summary>Knows the programs by which people start servers, by their command lines.</summary>
internal static class ToolNames
{
    private const int MaximumWords = 12;
    private const int MaximumLength = 80;

    /// <summary>Each runs what it is told, and ends with it.</summary>
    private static readonly HashSet<string> Runners =
    [
        "npm", "npx", "pnpm", "pnpx", "yarn", "bunx", "turbo", "nx", "lerna", "concurrently", "npm-run-all", "run-p", "run-s",
        "make", "gmake", "just", "rake", "bundle", "bundler", "rails", "foreman", "overmind", "hivemind", "honcho", "goreman",
        "invoke", "inv", "poetry", "pipenv", "uv", "uvx", "hatch", "pdm", "tox", "mix", "gradle", "gradlew", "mvn", "mvnw", "sbt", "lein",
        "cargo", "composer", "artisan", "symfony", "tilt", "skaffold", "bazel", "ts-node", "tsx",
    ];

    /// <summary>Each starts its command again, when a file changes or when it ends.</summary>
    private static readonly HashSet<string> Watchers =
    [
        "nodemon", "ts-node-dev", "tsnd", "node-dev", "forever", "cargo-watch", "bacon", "air", "reflex", "watchexec", "entr", "modd",
        "wgo",
        "CompileDaemon", "gow", "ibazel", "watchmedo", "hupper", "rerun", "guard",
        "watch",
    ];

    /// <summary>The command as one would type it, and whether it starts its child again; null for any other program.</summary>
    public static (string Command, bool Watches)? Of(ProcessRecord process)
    {
        var words = ProcessTitles.WordsOf(process).ToList();
        if (words.Count == 0)
            return null;
        var program = NameOf(words[0]);
        var verb = words.Count > 1 ? words[1] : "";
        var runtime = RuntimeBook.OfProgram(program);
        switch (runtime)
        {
            case Runtime.Java:
                return OfJava(words);
            case Runtime.DotNet when verb is "watch" or "run" or "test":
            case Runtime.Deno when verb is "task":
            case Runtime.Bun when verb is "run" or "x":
                return CommandOf(program, words.Skip(1), verb == "watch");
        }
        if (program == "go")
            return verb == "run" ? CommandOf(program, words.Skip(1), false) : null;
        return runtime is { } known && known != Runtime.Shell && RuntimeBook.WordsOf(known) is { } interpreter
            ? OfScript(program, interpreter, words)
            : OfProgram(program, words.Skip(1).ToList());
    }

    // An interpreter: what it runs is the tool. Options stand before the script; python's -m names a module.
    private static (string Command, bool Watches)? OfScript(string program, ScriptWords interpreter, List<string> words)
    {
        var at = 1;
        var watches = false;
        while (at < words.Count && words[at] is ['-', ..] option)
        {
            watches |= option is "--watch" || option.StartsWith("--watch-path", StringComparison.Ordinal);
            at += interpreter.WithValue.Contains(option) ? 2 : 1;
            if (interpreter.BeforeScript.Contains(option))
                break;
        }
        if (watches)
            return CommandOf(program, words.Skip(1), true);
        return at >= words.Count ? null : OfProgram(NameOf(words[at]), words.Skip(at + 1).ToList());
    }

    private static (string Command, bool Watches)? OfProgram(string program, List<string> rest)
    {
        var name = program switch
        {
            "npm-cli" => "npm",
            "npx-cli" => "npx",
            "yarnpkg" => "yarn",
            _ when program.StartsWith("yarn-", StringComparison.Ordinal) => "yarn",
            _ => program,
        };
        switch (name)
        {
            case "cargo-watch":
                return CommandOf("cargo watch", rest is ["watch", ..] ? rest.Skip(1) : rest, true);
            case "dotnet-watch":
                return CommandOf("dotnet watch", rest, true);
            case "tsx" or "ts-node" when rest is ["watch", ..]:
                return CommandOf(name, rest, true);
            case "uvicorn" or "hypercorn" or "gunicorn" or "granian" when rest.Contains("--reload"):
            case "flask" when rest.Contains("run") && (rest.Contains("--debug") || rest.Contains("--reload")):
            case "fastapi" when rest is ["dev", ..]:
                return CommandOf(name, rest, true);
            case "manage" when rest is ["runserver", ..]:
                return CommandOf("manage.py", rest, true);
        }
        return Watchers.Contains(name) ? CommandOf(name, rest, true) : Runners.Contains(name) ? CommandOf(name, rest, false) : null;
    }

    private static (string Command, bool Watches)? OfJava(List<string> words)
    {
        for (var i = 1; i < words.Count; i++)
        {
            switch (words[i])
            {
                case "org.codehaus.plexus.classworlds.launcher.Launcher":
                    return CommandOf("mvn", words.Skip(i + 1), false);
                case "org.gradle.wrapper.GradleWrapperMain" or "org.gradle.launcher.GradleMain":
                    return CommandOf("gradle", words.Skip(i + 1), false);
                // The daemon outlives the command that asked it, and does not name it.
                case "org.gradle.launcher.daemon.bootstrap.GradleDaemon":
                    return ("gradle", false);
            }
        }
        return null;
    }

    private static (string Command, bool Watches) CommandOf(string name, IEnumerable<string> rest, bool watches)
    {
        var text = string.Join(' ', rest.Take(MaximumWords).Prepend(name));
        return (text.Length > MaximumLength ? text[..(MaximumLength - 1)] + "…" : text, watches);
    }

    /// <summary>The file's name without the endings of scripts.</summary>
    private static string NameOf(string word)
    {
        var name = ProcessNames.FileName(word);
        foreach (var ending in (ReadOnlySpan<string>)[".js", ".cjs", ".mjs", ".py", ".rb", ".phar", ".dll", ".exe", ".sh"])
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal))
                return name[..^ending.Length];
        }
        return name;
    }
}
