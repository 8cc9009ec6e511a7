namespace Bindwise.Planning.Formats.Commands;

/// <param name="Host">The address that is named beside it; null for none.</param>
/// <param name="Text">The words that name it, as <c>--port 3000</c>.</param>
internal sealed record CommandPort(int Port, string? Host, string Text)
{
    /// <summary>Every IPv4 address, as servers say it.</summary>
    public const string EveryIPv4 = "0.0.0.0";

    /// <summary>What it binds: without an address, or with a name, every address.</summary>
    public ImmutableArray<BindRequest> Binds(Binder binder) =>
        (Host is null ? null : binder.OfHost(Protocol.Tcp, Host, Port)) ?? binder.DualStack(Protocol.Tcp, Port);
}

/// <summary>
/// Ports on command lines, read only where it is certain: the options of servers that are known by name, <c>--port</c> of a script that an
/// interpreter runs, and PORT set before the command.
/// </summary>
internal static class CommandPorts
{
    private const int MostDepth = 4;

    /// <summary>More ports than that on one command line are not read.</summary>
    private const int MostPorts = 32;

    // The servers, and which of their options name a port (p: -p N, P: --port N) or an address with a port (b: -b, B: --bind; l: --listen).
    private static readonly Dictionary<string, string> Servers = new (string Options, string Names)[]
    {
        ("pP", "next nuxt nuxi http-server json-server storybook start-storybook parcel gatsby svelte-kit docusaurus rails unicorn thin "
            + "rackup hugo flask daphne"),
        ("P", "vite astro ng webpack webpack-dev-server live-server remix browser-sync vue-cli-service wrangler jekyll uvicorn "
            + "redis-server mongod mysqld mariadbd trunk"),
        ("pPl", "serve"),
        ("pPb", "puma"),
        ("bB", "gunicorn hypercorn"),
        ("p", "postgres memcached beanstalkd mosquitto"),
        ("S", "php"),
        ("u", "dotnet"),
    }.SelectMany(static group => group.Names.Split(' ').Select(name => (name, group.Options)))
        .ToDictionary(static one => one.name, static one => one.Options, StringComparer.Ordinal);

    private static readonly HashSet<string> Interpreters = ["node", "nodemon", "ts-node", "tsx", "bun", "deno", "python", "python3",
        "ruby"];

    // These run another command, which follows.
    private static readonly HashSet<string> Runners =
    [
        "npx", "pnpm", "yarn", "bunx", "exec", "dlx", "bundle", "env", "cross-env", "dotenv", "--", "sudo", "nohup", "pipenv", "poetry",
        "uv", "run", "rbenv", "time", "concurrently", "sh", "bash", "-c", "npm-run-all",
        "start-server-and-test", "dotenv-cli", "foreman", "nice", "set", "export",
    ];

    // These run each of their arguments, which are commands, beside the others.
    private static readonly HashSet<string> SideBySide = ["concurrently"];

    /// <summary>The ports that a command line, or a shell's list of them, names: each once for all that follow one another.</summary>
    /// <param name="values">Variables that are known, as PORT; others count as not certain.</param>
    public static List<CommandPort> Of(string line, IReadOnlyDictionary<string, string> values)
    {
        var found = new FoundPorts();
        Add(line, values, found, 0);
        return found.All();
    }

    private static void Add(string line, IReadOnlyDictionary<string, string> values, FoundPorts found, int depth)
    {
        var command = new List<string>();
        var words = CommandLineWords.Split(line);
        for (var at = 0; at <= words.Count; at++)
        {
            var word = at < words.Count ? words[at] : ";";
            if (word is not ("&" or "|" or ";" or "(" or ")"))
            {
                command.Add(word);
                continue;
            }
            AddCommand(command, values, found, depth);
            command.Clear();
            if (word is not ("&" or "|"))
                continue;
            // a & b and a | b; but && and || are two words, and &> and >& send output somewhere.
            var next = at + 1 < words.Count ? words[at + 1] : "";
            if (next == word)
                at++;
            else if (!next.StartsWith('>') && !(at > 0 && words[at - 1].EndsWith('>')))
                found.BeginOther();
        }
    }

    private static void AddCommand(List<string> words, IReadOnlyDictionary<string, string> values, FoundPorts found, int depth)
    {
        CommandPort? variable = null;
        var areSideBySide = false;
        var at = 0;
        for (; at < words.Count; at++)
        {
            var word = words[at];
            areSideBySide |= SideBySide.Contains(word);
            if (word.Contains(' ', StringComparison.Ordinal) && depth < MostDepth)
            {
                Add(word, values, found, depth + 1);
                if (areSideBySide)
                    found.BeginOther();
            }
            else if (areSideBySide)
                continue;
            else if (word.StartsWith("PORT=", StringComparison.Ordinal))
                variable = Value(word[5..], values) is { } port ? new CommandPort(port, null, $"PORT={port}") : variable;
            else if (!(word.Contains('=', StringComparison.Ordinal) && !word.StartsWith('-')) && !Runners.Contains(word))
                break;
        }
        var before = found.Count;
        if (at < words.Count)
        {
            var name = PlanPath.NameOf(words[at]);
            found.Command = name;
            if (Interpreters.Contains(name))
                AddInterpreted(name, words, at + 1, values, found);
            else if (Servers.TryGetValue(name, out var options))
                AddServer(options, words, at + 1, values, found);
            for (var index = at; index < words.Count; index++)
            {
                if (words[index].Contains(' ', StringComparison.Ordinal) && depth < MostDepth
                    && Runners.Contains(words[Math.Max(0, index - 1)]))
                    Add(words[index], values, found, depth + 1);
            }
        }
        // The option of a server goes before the variable.
        if (variable is not null && found.Count == before)
            found.Add(variable);
    }

    private static void AddInterpreted(string name, List<string> words, int from, IReadOnlyDictionary<string, string> values,
        FoundPorts found)
    {
        if (name.StartsWith("python", StringComparison.Ordinal) && from + 1 < words.Count && words[from] == "-m")
        {
            if (words[from + 1] == "http.server")
            {
                // Its one bare argument is the port; without it 8000 is taken, as its documentation says.
                var port = words.Skip(from + 2).Select(word => Value(word, values)).FirstOrDefault(static one => one is not null) ?? 8000;
                found.Add(new CommandPort(port, After(words, from + 2, "--bind", "-b") ?? CommandPort.EveryIPv4, $"http.server {port}"));
            }
            else if (Servers.TryGetValue(words[from + 1], out var options))
                AddServer(options, words, from + 2, values, found);
            return;
        }
        // manage.py runserver 0.0.0.0:8000
        if (words.Skip(from).Any(static word => word.EndsWith("manage.py", StringComparison.Ordinal))
            && words.IndexOf("runserver") is >= 0 and var run && run + 1 < words.Count)
        {
            AddAddress(words[run + 1], $"runserver {words[run + 1]}", values, found);
            return;
        }
        AddServer("P", words, from, values, found);
    }

    private static void AddServer(string options, List<string> words, int from, IReadOnlyDictionary<string, string> values,
        FoundPorts found)
    {
        for (var index = from; index < words.Count && found.Count < MostPorts; index++)
        {
            var word = words[index];
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (option, joined) = equals > 0 && word.StartsWith('-') ? (word[..equals], word[(equals + 1)..])
                : (word, index + 1 < words.Count ? words[index + 1] : "");
            // The port that a client connects to.
            if (option is "--proxy-port" or "--inspect")
                continue;
            var isPort = (option == "--port" && options.Contains('P', StringComparison.Ordinal))
                || (option == "-p" && options.Contains('p', StringComparison.Ordinal));
            if (isPort && Value(joined, values) is { } port)
                found.Add(new CommandPort(port, HostBeside(words, from), $"{option} {port}"));
            else if ((option == "--bind" && options.Contains('B', StringComparison.Ordinal))
                || (option == "-b" && options.Contains('b', StringComparison.Ordinal))
                || (option is "-l" or "--listen" && options.Contains('l', StringComparison.Ordinal))
                || (option == "-S" && options.Contains('S', StringComparison.Ordinal)))
                AddAddress(joined, $"{option} {joined}", values, found,
                    options.Contains('B', StringComparison.Ordinal) ? CommandPort.EveryIPv4 : null);
            else if (option is "--urls" && options.Contains('u', StringComparison.Ordinal))
            {
                foreach (var url in joined.Split(';'))
                {
                    if (url.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
                        AddAddress(url[(scheme + 3)..].TrimEnd('/'), $"--urls {url}", values, found);
                }
            }
        }
    }

    private static string? HostBeside(List<string> words, int from) =>
        After(words, from, "--host", "--hostname", "-H", "--address", "--bind");

    private static string? After(List<string> words, int from, params string[] options)
    {
        for (var index = from; index < words.Count; index++)
        {
            foreach (var option in options)
            {
                if (words[index] == option && index + 1 < words.Count && !words[index + 1].StartsWith('-'))
                    return words[index + 1];
                if (words[index].StartsWith(option + "=", StringComparison.Ordinal))
                    return words[index][(option.Length + 1)..];
            }
        }
        return null;
    }

    // 0.0.0.0:8000, [::1]:8000, :8000, 8000, tcp://0.0.0.0:8000.
    // Where no host stands: as the program has it (gunicorn and hypercorn bind ":8000" on 0.0.0.0).
    private static void AddAddress(string text, string words, IReadOnlyDictionary<string, string> values, FoundPorts found,
        string? otherwise = null)
    {
        var address = text.StartsWith("tcp://", StringComparison.Ordinal) ? text[6..] : text;
        var colon = address.LastIndexOf(':');
        if (Value(address[(colon + 1)..], values) is { } port)
            found.Add(new CommandPort(port, colon > 0 ? address[..colon] : otherwise, words));
    }

    /// <summary>A port, or a variable that is known: <c>$PORT</c>, <c>${PORT}</c>, <c>${PORT:-3000}</c>.</summary>
    private static int? Value(string text, IReadOnlyDictionary<string, string> values)
    {
        if (PortWords.Port(text) is { } port)
            return port;
        if (!text.StartsWith('$'))
            return null;
        var name = text[1..].Trim('{', '}');
        var other = name.IndexOf(":-", StringComparison.Ordinal);
        return values.TryGetValue(other < 0 ? name : name[..other], out var known) ? PortWords.Port(known)
            : other < 0 ? null : PortWords.Port(name[(other + 2)..]);
    }
}
