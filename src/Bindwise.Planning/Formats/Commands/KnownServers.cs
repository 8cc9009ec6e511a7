namespace Bindwise.Planning.Formats.Commands;

/// <summary>How a server is told on its command line where to listen, and what it does where that port is taken.</summary>
internal sealed record ServerOptions
{
    public ImmutableArray<string> Ports { get; init; } = [];

    /// <summary>Options before an address with its port, as <c>tcp://0.0.0.0:8000</c>.</summary>
    public ImmutableArray<string> Endpoints { get; init; } = [];

    /// <summary>Options before URLs, with <c>;</c> between them.</summary>
    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>Options before an address alone, beside those that most servers have.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>Every word after <c>--bind</c> is an address, up to the next option; one after a <c>-</c> may be missing.</summary>
    public bool TakesSeveralHosts { get; init; }

    /// <summary>The addresses, with <c>,</c> between them, may each have a port, which goes before that of the other options.</summary>
    public bool HostsMayHavePorts { get; init; }

    /// <summary>The last address counts, and an empty one means no TCP port.</summary>
    public bool MayHaveNoHost { get; init; }

    /// <summary>Options with which it opens no TCP port, whatever its others say, unless they are switched off.</summary>
    public ImmutableArray<string> WithoutTcp { get; init; } = [];

    /// <summary>What it binds where an endpoint names no host; null for every address.</summary>
    public string? HostOtherwise { get; init; }

    /// <summary>When it takes another port although one is named, and that one is taken; null for never.</summary>
    public PortSwitching? Switching { get; init; }

    /// <summary>The commands of it that serve, where it has others: <c>next build</c> takes no port. Empty where it has none.</summary>
    public ImmutableArray<string> Serving { get; init; } = [];

    /// <param name="word">What follows its name; null for nothing. An option or a folder leaves it with the command that serves.</param>
    public bool Serves(string? word) => Serving.IsEmpty || word is null || word.StartsWith('-') || word.Contains('.') || word.Contains('/')
        || Serving.Contains(word);
}

/// <summary>A server takes the next free port by itself where the one that its option names is taken.</summary>
/// <param name="Unless">The option with which it fails instead; null where there is none.</param>
/// <param name="With">The word without which it fails, or asks; null where it needs none.</param>
internal sealed record PortSwitching(string? Unless = null, string? With = null)
{
    /// <summary>The command is <c>preview</c>, for which vite has settings of its own.</summary>
    public bool IsPreview { get; init; }

    /// <summary>Itself, if it holds for a command of these words.</summary>
    public PortSwitching? For(IReadOnlyCollection<string> words) =>
        (With is null || words.Contains(With)) && (Unless is null || !words.Any(word => word == Unless || word == Unless + "=true"))
            ? this with { IsPreview = words.Contains("preview") } : null;
}

/// <summary>The servers that are known by name: a row for each group that is told alike.</summary>
internal static class KnownServers
{
    private static readonly ImmutableArray<string> ShortAndLong = ["-p", "--port"];
    private static readonly ImmutableArray<string> Long = ["--port"];

    private static readonly Dictionary<string, ServerOptions> ByName = new (string Names, ServerOptions Options)[]
    {
        ("json-server parcel svelte-kit hugo", new() { Ports = ShortAndLong }),
        ("next", new() { Ports = ShortAndLong, Serving = ["dev", "start"] }),
        ("gatsby docusaurus", new() { Ports = ShortAndLong, Serving = ["develop", "start", "serve"] }),
        ("react-scripts", new() { Serving = ["start"] }),
        ("rails", new() { Ports = ShortAndLong, Hosts = ["-b", "--binding"], Serving = ["server", "s"] }),
        ("daphne", new() { Ports = ShortAndLong, Hosts = ["-b"] }),
        ("http-server fastify thin", new() { Ports = ShortAndLong, Hosts = ["-a"] }),
        ("unicorn rackup", new() { Ports = ShortAndLong, Hosts = ["-o"] }),
        ("flask", new() { Ports = ShortAndLong, Hosts = ["-h"] }),
        // Without --ci it asks.
        ("storybook start-storybook", new() { Ports = ShortAndLong, Switching = new("--exact-port", With: "--ci") }),
        ("nuxt nuxi", new() { Ports = ShortAndLong, Switching = new("--strictPort", With: "dev"), Serving = ["dev", "start", "preview"] }),
        ("vite vitepress", new() { Ports = Long, Switching = new("--strictPort") }),
        // They have no such option; astro's dev server is vite's.
        ("astro live-server browser-sync", new() { Ports = Long, Switching = new() }),
        ("vue-cli-service", new() { Ports = Long, Switching = new(), Serving = ["serve"] }),
        ("remix", new() { Ports = Long, Switching = new("--strictPort", With: "vite:dev") }),
        ("ng webpack webpack-dev-server wrangler trunk", new() { Ports = Long }),
        ("jekyll", new() { Ports = ["-P", "--port"], Serving = ["serve", "server", "s"] }),
        ("uvicorn", new() { Ports = Long, WithoutTcp = ["--uds", "--fd"] }),
        ("redis-server valkey-server", new() { Ports = Long, TakesSeveralHosts = true }),
        ("mysqld mariadbd", new()
        {
            Ports = ["-P", "--port"],
            Hosts = ["--bind-address"],
            WithoutTcp = ["--skip-networking", "--skip_networking"],
        }),
        ("mongod", new() { Ports = Long, Hosts = ["--bind_ip"] }),
        ("serve", new() { Ports = ShortAndLong, Endpoints = ["-l", "--listen"], Switching = new("--no-port-switching") }),
        ("puma", new() { Ports = ShortAndLong, Endpoints = ["-b", "--bind"] }),
        // They bind ":8000" on 0.0.0.0.
        ("gunicorn hypercorn", new() { Endpoints = ["-b", "--bind"], HostOtherwise = CommandPort.EveryIPv4 }),
        // With -c a setting's name stands in front of its value.
        ("postgres", new()
        {
            Ports = ["-p", "--port", "port"],
            Hosts = ["-h", "--listen_addresses", "--listen-addresses", "listen_addresses"],
            MayHaveNoHost = true,
        }),
        ("memcached", new()
        {
            Ports = ShortAndLong,
            Hosts = ["-l", "--listen"],
            HostsMayHavePorts = true,
            WithoutTcp = ["-s", "--unix-socket"],
        }),
        ("beanstalkd", new() { Ports = ShortAndLong, Hosts = ["-l", "--listen"] }),
        ("mosquitto", new() { Ports = ["-p"] }),
        ("php", new() { Endpoints = ["-S"] }),
        ("dotnet", new() { Urls = ["--urls"] }),
    }.SelectMany(static group => group.Names.Split(' ').Select(name => (name, group.Options)))
        .ToDictionary(static one => one.name, static one => one.Options, StringComparer.Ordinal);

    /// <summary>A script of a framework, whose own command takes the port: <c>php artisan serve --port=8000</c>.</summary>
    private static readonly Dictionary<(string Script, string Command), ServerOptions> ByScript = new()
    {
        [("artisan", "serve")] = new() { Ports = Long },
        [("bin/rails", "server")] = ByName["rails"],
        [("bin/rails", "s")] = ByName["rails"],
    };

    // Where no option names a port.
    private static readonly HashSet<string> TakingPort =
    [
        .. ("next react-scripts nuxt nuxi remix remix-serve gatsby docusaurus parcel vue-cli-service serve http-server fastify rails "
            + "gunicorn").Split(' '),
    ];

    // By itself it does not; its settings of rails' template do.
    private static readonly Dictionary<string, string[]> TakingPortWith = new(StringComparer.Ordinal) { ["puma"] = ["-C", "--config"] };

    // Workers, tests and tools; engines, whose containers have ports of their own; and servers with options and settings alone.
    private static readonly HashSet<string> NotTakingPort =
    [
        .. ("sidekiq sidekiqswarm resque resque-pool delayed_job good_job celery rq dramatiq jest mocha vitest ava tap nyc rspec minitest "
            + "pytest tox phpunit cypress test tsc eslint prettier rake echo sleep curl wait-on kill-port "
            + "docker docker-compose podman podman-compose uvicorn daphne redis-server valkey-server memcached mosquitto beanstalkd mysqld "
            + "mariadbd postgres mongod").Split(' '),
    ];

    /// <summary>Whether a program listens on PORT of its environment; null where that is not known.</summary>
    /// <param name="words">Its command line.</param>
    public static bool? TakesPort(string name, IEnumerable<string> words) =>
        TakingPort.Contains(name) || (TakingPortWith.TryGetValue(name, out var with) && words.Any(with.Contains)) ? true
            : NotTakingPort.Contains(name) ? false : null;

    /// <summary>A script that an interpreter runs: of its options only <c>--port</c> is certain.</summary>
    public static ServerOptions Script { get; } = new() { Ports = Long };

    public static ServerOptions? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The command that a framework's script runs, if it is a server.</summary>
    /// <param name="script">The script as the command line names it, as <c>./artisan</c>.</param>
    public static ServerOptions? Find(string script, string command) => ByScript.FirstOrDefault(one => one.Key.Command == command
        && (script == one.Key.Script || script.EndsWith("/" + one.Key.Script, StringComparison.Ordinal))).Value;
}
