using System.Buffers;

namespace Bindwise.Planning.Formats.Commands;

/// <param name="Host">The address that is named beside it; null for none.</param>
/// <param name="Text">The words that name it, as <c>--port 3000</c>.</param>
internal sealed record CommandPort(int Port, string? Host, string Text)
{
    public const string EveryIPv4 = "0.0.0.0";
    private const int MostHosts = 64;

    /// <summary>The folder in which its server runs, a path from that of the file; empty for that one.</summary>
    public string Folder { get; init; } = "";

    /// <summary>It is given to a script of a package in a folder below.</summary>
    public bool IsForPackageBelow { get; init; }

    /// <summary>It is taken only if it is free, and another one instead; null where the server fails.</summary>
    public PortSwitching? Switching { get; init; }

    /// <summary>It is PORT of a program of which nothing tells whether it listens there, or at all.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>What it binds: without an address, or with a name, every address. Some take a list (memcached, mongod, redis).</summary>
    public ImmutableArray<BindRequest> Binds(Binder binder)
    {
        var each = (Host ?? "").Split([',', ' '], MostHosts).Select(host => binder.OfHost(Protocol.Tcp, host, Port)).ToList();
        return each.Contains(null) ? binder.DualStack(Protocol.Tcp, Port) : [.. each.SelectMany(static binds => binds!.Value).Distinct()];
    }

    /// <summary>How sure it is that the server takes it.</summary>
    public PlanCertainty CertaintyIn(string folder, PlanContext context) =>
        IsAssumed ? PlanCertainty.Assumed
            : Switching is null || (Switching.Unless == ViteSettings.StrictOption
                && ViteSettings.IsStrict(PlanPath.Combine(folder, Folder), Switching.IsPreview, context))
            ? PlanCertainty.Stated : PlanCertainty.Preferred;
}

/// <summary>
/// Ports on command lines, read only where it is certain: the options of servers that are known by name, <c>--port</c> of a script that an
/// interpreter runs, and PORT set before the command, of which it is certain only for servers that take it.
/// </summary>
internal static class CommandPorts
{
    private const int MostDepth = 4;
    private const int MostPorts = 32;

    private static readonly HashSet<string> Interpreters = ["node", "nodemon", "ts-node", "tsx", "bun", "deno", "python", "ruby"];

    private static readonly char[] OfReleases = [.. "0123456789."];

    private static readonly string[] HostOptions = ["--host", "--hostname", "-H", "--address", "--bind"];

    // Options of python of one letter, without a value.
    private static readonly SearchValues<char> FlagsOfPython = SearchValues.Create("bBdEiIOPqsSuvx");

    // Options of python's http.server that take a value.
    private static readonly string[] OfHttpServer =
        ["-b", "--bind", "-d", "--directory", "-p", "--protocol", "--tls-cert", "--tls-key", "--tls-password-file"];

    // These run each of their arguments, which are commands, beside the others.
    private static readonly HashSet<string> SideBySide = ["concurrently"];

    /// <summary>The ports that a command line, or a shell's list of them, names, and the scripts of its package that it runs.</summary>
    /// <param name="values">Variables that are known, as PORT; others count as not certain.</param>
    public static FoundPorts Read(string line, IReadOnlyDictionary<string, string> values) => Read(CommandLineWords.Split(line), values);

    /// <summary>The same of words.</summary>
    public static FoundPorts Read(List<string> words, IReadOnlyDictionary<string, string> values)
    {
        var found = new FoundPorts();
        Add(words, values, found, 0);
        return found;
    }

    private static void Add(List<string> words, IReadOnlyDictionary<string, string> values, FoundPorts found, int depth)
    {
        var command = new List<string>();
        var folder = found.Folder;
        for (var at = 0; at <= words.Count; at++)
        {
            var word = at < words.Count ? words[at] : ";";
            if (word is not ("&" or "|" or ";" or "(" or ")"))
            {
                command.Add(word);
                continue;
            }
            AddCommand(command, values, found, depth);
            ScriptCalls.Add(command, found);
            // cd ends with the line, or with its brackets.
            if (word == ")")
                found.Folder = folder;
            else if (command is ["cd" or "pushd", ..])
                found.Folder = PlanPath.Combine(found.Folder, command.ElementAtOrDefault(1) ?? "~");
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
        found.Folder = folder;
    }

    private static void AddCommand(List<string> words, IReadOnlyDictionary<string, string> values, FoundPorts found, int depth)
    {
        CommandPort? variable = null;
        var areSideBySide = false;
        var isFirst = true;
        var at = 0;
        for (; at < words.Count; at++)
        {
            var word = words[at];
            areSideBySide |= SideBySide.Contains(word);
            if (word.Contains(' ', StringComparison.Ordinal) && depth < MostDepth)
            {
                if (areSideBySide && !isFirst)
                    found.BeginOther();
                isFirst = false;
                Add(CommandLineWords.Split(word), values, found, depth + 1);
            }
            else if (areSideBySide)
                continue;
            else if (word.StartsWith("PORT=", StringComparison.Ordinal))
                variable = Value(word[5..], values) is { } port ? new CommandPort(port, null, $"PORT={port}") : variable;
            else if (CommandWrappers.IsBeforeCommand(word))
                at = CommandWrappers.LastOwnWord(words, at);
            else
                break;
        }
        var before = found.Count + found.Unclear;
        var name = at < words.Count ? PlanPath.NameOf(words[at]) : "";
        ServerOptions? known = null;
        var isServer = true;
        if (at < words.Count)
        {
            found.Command = name;
            // python3.11, php8.2: each release under its own name.
            name = name.TrimEnd(OfReleases);
            known = KnownServers.Find(name);
            isServer = known?.Serves(words.ElementAtOrDefault(at + 1)) ?? true;
            if (OfScript(words, at) is { } script)
                AddServer(script, words, at + 1, values, found);
            else if (Interpreters.Contains(name))
                AddInterpreted(name, words, at + 1, values, found);
            else if (isServer && known is not null)
                AddServer(known, words, at + 1, values, found);
            for (var index = at; index < words.Count; index++)
            {
                if (words[index].Contains(' ', StringComparison.Ordinal) && depth < MostDepth
                    && CommandWrappers.Contains(words[Math.Max(0, index - 1)]))
                    Add(CommandLineWords.Split(words[index]), values, found, depth + 1);
            }
        }
        // The option of a server goes before the variable.
        if (variable is not null && isServer && found.Count + found.Unclear == before
            && KnownServers.TakesPort(name, words) is var takes and not false)
            found.Add(variable with
            {
                IsForPackageBelow = ScriptCalls.AreOfPackageBelow(words),
                IsAssumed = takes is null,
                Switching = known?.Switching?.For(words),
            });
    }

    /// <summary>What a framework's script runs, with its interpreter before it or by itself.</summary>
    private static ServerOptions? OfScript(List<string> words, int at) =>
        (at + 1 < words.Count ? KnownServers.Find(words[at], words[at + 1]) : null)
            ?? (at + 2 < words.Count ? KnownServers.Find(words[at + 1], words[at + 2]) : null);

    private static void AddInterpreted(string name, List<string> words, int from, IReadOnlyDictionary<string, string> values,
        FoundPorts found)
    {
        if (name == "python" && PythonModule(words, from) is var (module, next))
        {
            if (module == "http.server")
                AddHttpServer(words, next, values, found);
            else if (KnownServers.Find(module) is { } options)
                AddServer(options, words, next, values, found);
            return;
        }
        // manage.py runserver 0.0.0.0:8000
        if (words.Skip(from).Any(static word => word.EndsWith("manage.py", StringComparison.Ordinal))
            && words.IndexOf("runserver") is >= 0 and var run && run + 1 < words.Count)
        {
            AddAddress(words[run + 1], $"runserver {words[run + 1]}", values, found);
            return;
        }
        AddServer(KnownServers.Script, words, from, values, found);
    }

    /// <summary>What <c>python -m</c> runs, behind the interpreter's own options, and where its arguments begin.</summary>
    private static (string Module, int Next)? PythonModule(List<string> words, int at)
    {
        for (; at < words.Count && words[at] is ['-', _, ..] word; at++)
        {
            if (word is "-X" or "-W")
                at++;
            // -m, -um, -mhttp.server.
            else if (word.IndexOf('m', StringComparison.Ordinal) is > 0 and var last
                && word.AsSpan(1, last - 1).IndexOfAnyExcept(FlagsOfPython) < 0)
            {
                return last + 1 < word.Length ? (word[(last + 1)..], at + 1)
                    : at + 1 < words.Count ? (words[at + 1], at + 2) : null;
            }
        }
        return null;
    }

    // Its one bare argument is the port; without it 8000 is taken, as its documentation says.
    private static void AddHttpServer(List<string> words, int from, IReadOnlyDictionary<string, string> values, FoundPorts found)
    {
        string? bare = null;
        for (var at = from; at < words.Count && bare is null && !words[at].Contains('>') && words[at] is not ['<', ..]; at++)
        {
            if (OfHttpServer.Contains(words[at]))
                at++;
            else if (!words[at].StartsWith('-'))
                bare = words[at];
        }
        if ((bare is null ? 8000 : Value(bare, values)) is { } port)
            found.Add(new CommandPort(port, After(words, from, "--bind", "-b") ?? CommandPort.EveryIPv4, $"http.server {port}"));
        else
            found.Unclear++;
    }

    private static void AddServer(ServerOptions options, List<string> words, int from, IReadOnlyDictionary<string, string> values,
        FoundPorts found)
    {
        var switching = options.Switching?.For(words);
        var hosts = HostsOf(options, words, from);
        if (hosts is { Length: 0 } || hosts?.StartsWith("unix:", StringComparison.Ordinal) == true
            || AllGiven(words, from, options.WithoutTcp).Any(static value => value is not ("0" or "OFF")))
        {
            found.Unclear++;
            return;
        }
        if (options.HostsMayHavePorts && hosts is not null)
        {
            var each = hosts.Split(',', MostPorts).ToLookup(static host => host.LastIndexOf(':') is > 0 and var colon
                && (host[colon - 1] == ']' || host.IndexOf(':') == colon));
            foreach (var address in each[true])
                AddAddress(address, $"{options.Hosts[0]} {address}", values, found);
            if (!each[false].Any())
                return;
            hosts = string.Join(',', each[false]);
        }
        for (var index = from; index < words.Count && found.Count < MostPorts; index++)
        {
            if (Given(words, index, options.Ports) is var (option, port))
            {
                if (Value(port, values) is { } number)
                    found.Add(new CommandPort(number, hosts, $"{option} {number}")
                    {
                        Switching = switching,
                    });
                else
                    found.Unclear++;
            }
            else if (Given(words, index, options.Endpoints) is var (before, address))
                AddAddress(address, $"{before} {address}", values, found, options.HostOtherwise, switching);
            else if (Given(words, index, options.Urls) is var (many, urls))
            {
                foreach (var url in urls.Split(';'))
                {
                    if (url.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
                        AddAddress(url[(scheme + 3)..].TrimEnd('/'), $"{many} {url}", values, found);
                }
            }
        }
    }

    private static string? HostsOf(ServerOptions options, List<string> words, int from) =>
        options.MayHaveNoHost ? AllGiven(words, from, options.Hosts).LastOrDefault()
        : !options.TakesSeveralHosts ? After(words, from, [.. HostOptions, .. options.Hosts])
        // The last one counts.
        : words.LastIndexOf("--bind") is >= 0 and var bind
            ? string.Join(' ', words.Skip(bind + 1).TakeWhile(static word => !word.StartsWith("--", StringComparison.Ordinal))
                .SelectMany(static word => word.Split(' ')).Select(static host => host.TrimStart('-')))
        : null;

    private static string? After(List<string> words, int from, params ImmutableArray<string> options) =>
        AllGiven(words, from, options).FirstOrDefault(static value => value.Length > 0);

    private static IEnumerable<string> AllGiven(List<string> words, int from, ImmutableArray<string> options) =>
        Enumerable.Range(from, words.Count - from).Select(index => Given(words, index, options)).OfType<(string, string Value)>()
            .Select(static one => one.Value);

    /// <summary>
    /// The one of these options that a word is, with what it is given: in the next word, after <c>=</c>, or right behind a short one, as
    /// <c>-p3000</c>; empty where nothing follows.
    /// </summary>
    private static (string Option, string Value)? Given(List<string> words, int at, ImmutableArray<string> options)
    {
        var word = words[at];
        foreach (var option in options)
        {
            if (!word.StartsWith(option, StringComparison.Ordinal))
                continue;
            if (word.Length == option.Length)
                return (option, at + 1 < words.Count && !words[at + 1].StartsWith('-') ? words[at + 1] : "");
            if (word[option.Length] == '=' || option.Length == 2)
                return (option, word[option.Length..].TrimStart('='));
        }
        return null;
    }

    // 0.0.0.0:8000, [::1]:8000, :8000, 8000, tcp://0.0.0.0:8000.
    // Where no host stands: as the program has it.
    private static void AddAddress(string text, string words, IReadOnlyDictionary<string, string> values, FoundPorts found,
        string? otherwise = null, PortSwitching? switching = null)
    {
        var address = text.StartsWith("tcp://", StringComparison.Ordinal) ? text[6..] : text;
        // ${PORT:-8000} has a colon of its own.
        var colon = address.LastIndexOf(":$", StringComparison.Ordinal);
        colon = colon < 0 ? address.LastIndexOf(':') : colon;
        if (Value(address[(colon + 1)..], values) is { } port)
            found.Add(new CommandPort(port, colon > 0 ? address[..colon] : otherwise, words) { Switching = switching });
        else
            found.Unclear++;
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

/// <summary>vite.config.*: a program, of which one setting is read, by its text.</summary>
internal static class ViteSettings
{
    /// <summary>With it vite fails where the port is taken; <c>strictPort: true</c> in its settings does the same.</summary>
    public const string StrictOption = "--strictPort";

    private const string Setting = "strictPort";

    private static readonly string[] Files =
        ["vite.config.js", "vite.config.mjs", "vite.config.cjs", "vite.config.ts", "vite.config.mts", "vite.config.cts"];

    /// <summary>Whether vite in that folder takes the port that it is told, or none.</summary>
    /// <param name="isPreview">As <c>vite preview</c>, which does as the server unless its own block says otherwise.</param>
    public static bool IsStrict(string folder, bool isPreview, PlanContext context) => Files.Any(name =>
        context.Read(PlanPath.Combine(folder, name), null, isOurs: false) is { } text && Read(text) is var (server, preview)
            && ((isPreview ? preview : null) ?? server ?? false));

    /// <summary>What the setting is outside of a block <c>preview</c>, and within; null where it does not stand.</summary>
    private static (bool? Server, bool? Preview) Read(string text)
    {
        (bool? server, bool? preview) = (null, null);
        var (depth, ofPreview) = (0, int.MaxValue);
        for (var at = 0; at < text.Length; at++)
        {
            var rest = text.AsSpan(at);
            if (rest.StartsWith("//") && (at == 0 || text[at - 1] != ':'))
                at += rest.IndexOf('\n') is >= 0 and var end ? end : rest.Length;
            else if (rest[0] == '{')
                depth++;
            else if (rest[0] == '}')
                ofPreview = --depth < ofPreview ? int.MaxValue : ofPreview;
            else if (ValueOf("preview", rest) is ['{', ..])
                ofPreview = depth + 1;
            else if (ValueOf(Setting, rest) is not [] and var value)
            {
                ref var setting = ref depth < ofPreview ? ref server : ref preview;
                setting = setting == true || value.StartsWith("true");
            }
        }
        return (server, preview);
    }

    private static ReadOnlySpan<char> ValueOf(string key, ReadOnlySpan<char> text) =>
        text.StartsWith(key) && text[key.Length..].TrimStart() is [':', .. var value] ? value.TrimStart() : [];
}
