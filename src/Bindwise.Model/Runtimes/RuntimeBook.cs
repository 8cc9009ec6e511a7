namespace Bindwise.Model.Runtimes;

/// <summary>What the table says of a runtime.</summary>
/// <param name="Language">In whose words a line of code is given for it; null for C, because its own are not known here.</param>
internal sealed record RuntimeRow(string Id, string Label, Runtime? Language)
{
    /// <summary>The names of its executables, without versions: <c>python</c> for <c>python3.12</c>.</summary>
    public ImmutableArray<string> Programs { get; init; } = [];

    /// <summary>How its command line names what it runs; null when it does not.</summary>
    public ScriptWords? Words { get; init; }

    /// <summary>What it does to a socket before bind(): only what its sources do in every version that is about.</summary>
    public SocketDefaults Sockets { get; init; } = new();

    /// <summary>No program that it starts has its sockets, unless the code says so.</summary>
    public bool ClosesOnExec { get; init; }
}

/// <summary>The table of runtimes: a row each, which the compiler asks for.</summary>
internal static class RuntimeBook
{
    private static readonly ImmutableArray<RuntimeRow> Rows = [.. Enum.GetValues<Runtime>().Select(RowOf)];

    private static readonly Dictionary<string, Runtime> ByProgram = Enum.GetValues<Runtime>()
        .SelectMany(static runtime => Row(runtime).Programs.Select(program => KeyValuePair.Create(program, runtime)))
        .ToDictionary(StringComparer.Ordinal);

    public static ImmutableArray<Runtime> All { get; } = [.. Enum.GetValues<Runtime>()];

    /// <summary>Those with words of their own for a line of code.</summary>
    internal static ImmutableArray<Runtime> Languages { get; } = [.. All.Where(static runtime => Row(runtime).Language == runtime)];

    /// <summary>The id of the JSON form, as <c>node</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No runtime has that value.</exception>
    public static string Id(this Runtime runtime) => Row(runtime).Id;

    /// <summary>The name in sentences, as <c>Node.js</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No runtime has that value.</exception>
    public static string Label(this Runtime runtime) => Row(runtime).Label;

    /// <summary>
    /// The runtime whose executable has that file name, whatever its version (<c>python3.12</c>); null for a program of its own.
    /// </summary>
    public static Runtime? OfProgram(ReadOnlySpan<char> name) =>
        ByProgram.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(WithoutVersion(name), out var runtime) ? runtime : null;

    /// <summary>The names of its executables, without versions; empty for one that is compiled into the program.</summary>
    public static ImmutableArray<string> ProgramsOf(Runtime runtime) => Row(runtime).Programs;

    internal static ReadOnlySpan<char> WithoutVersion(ReadOnlySpan<char> name) => name.TrimEnd("0123456789.");

    /// <summary>The runtime of that name in sentences; null for another program or library.</summary>
    internal static Runtime? OfLabel(string label) => All.Cast<Runtime?>().FirstOrDefault(runtime => runtime!.Value.Label() == label);

    /// <summary>In whose words a line of code is given for it; null for C, because its own are not known here.</summary>
    internal static Runtime? LanguageOf(Runtime runtime) => Row(runtime).Language;

    internal static ScriptWords? WordsOf(Runtime runtime) => Row(runtime).Words;

    /// <summary>No program that it starts has its sockets, unless the code says so; false where that is not known.</summary>
    internal static bool ClosesOnExec(Runtime runtime) => Row(runtime).ClosesOnExec;

    internal static SocketDefaults SocketsOf(Runtime runtime) => Row(runtime).Sockets;

    private static RuntimeRow Row(Runtime runtime) =>
        (int)runtime < Rows.Length ? Rows[(int)runtime]
            : throw new ArgumentOutOfRangeException(nameof(runtime), runtime, "No runtime has that value.");

    private static RuntimeRow RowOf(Runtime runtime) => runtime switch
    {
        Runtime.C => new("c", "C", Runtime.C),
        Runtime.Python => new("python", "Python", Runtime.Python)
        {
            Programs = ["python", "pypy"],
            Words = new() { WithValue = ["-W", "-X", "--check-hash-based-pycs"], BeforeScript = ["-m"], BeforeCode = ["-c"] },
            // socket.bind() sets nothing, but a library mostly stands between.
            // PEP 446, since 3.4.
            ClosesOnExec = true,
        },
        Runtime.Node => new("node", "Node.js", Runtime.Node)
        {
            Programs = ["node", "nodejs"],
            Words = new()
            {
                WithValue = ["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file"],
                BeforeCode = ["-e", "--eval", "-p", "--print", "-pe"],
            },
            // uv__socket: SOCK_CLOEXEC.
            ClosesOnExec = true,
            // uv__tcp_bind sets SO_REUSEADDR, and IPV6_V6ONLY to 0 unless asked otherwise; UDP has neither by default.
            Sockets = new()
            {
                ReuseAddress = true,
                ReusePort = false,
                V6OnlyAtWildcard = false,
                V6OnlyElsewhere = false,
                AnyIPv4IsDualStack = false,
                UdpReuseAddress = false,
            },
        },
        Runtime.DotNet => new("dotnet", ".NET", Runtime.DotNet)
        {
            Programs = ["dotnet"],
            Words = new()
            {
                WithValue = ["--runtimeconfig", "--depsfile", "--fx-version", "--additionalprobingpath", "--roll-forward"],
                Naming = ["run"],
                Launchers = ["exec"],
            },
            // Socket.Bind sets SO_REUSEADDR on TCP (SystemNative_Bind, pal_networking.c).
            Sockets = new() { ReuseAddress = true, ReusePort = false, UdpReuseAddress = false },
        },
        Runtime.Go => new("go", "Go", Runtime.Go)
        {
            // setDefaultListenerSockopts; the network "tcp" is dual-stack at both wildcards (favoriteAddrFamily, net/ipsock_posix.go).
            Sockets = new()
            {
                ReuseAddress = true,
                V6OnlyAtWildcard = false,
                V6OnlyElsewhere = false,
                AnyIPv4IsDualStack = true,
                UdpReuseAddress = false,
            },
        },
        Runtime.Java => new("java", "Java", Runtime.Java)
        {
            Programs = ["java"],
            Words = new()
            {
                WithValue =
                [
                    "-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path", "--add-modules", "--add-opens",
                    "--add-exports", "--add-reads",
                    "--limit-modules", "--enable-native-access",
                ],
                BeforeScript = ["-jar", "-m", "--module"],
            },
            // Server sockets get SO_REUSEADDR (Net.c, socket0); IPv6 sockets are dual-stack, and 0.0.0.0 is bound as ::.
            Sockets = new() { ReuseAddress = true, V6OnlyAtWildcard = false, V6OnlyElsewhere = false, AnyIPv4IsDualStack = true },
        },
        Runtime.Ruby => new("ruby", "Ruby", Runtime.Ruby)
        {
            Programs = ["ruby"],
            Words = new() { WithValue = ["-I", "-r", "-C", "-E"], BeforeCode = ["-e"], Naming = ["-S"] },
            // TCPServer.new (rsock_init_inetsock) and Addrinfo#listen set SO_REUSEADDR.
            Sockets = new() { ReuseAddress = true },
            // rsock_socket0: SOCK_CLOEXEC, since 2.0.
            ClosesOnExec = true,
        },
        // std's TcpListener::bind sets SO_REUSEADDR on Unix, and so do mio and tokio.
        Runtime.Rust => new("rust", "Rust", Runtime.Rust) { Sockets = new() { ReuseAddress = true } },
        Runtime.Php => new("php", "PHP", Runtime.Php)
        {
            Programs = ["php", "php-cgi"],
            Words = new()
            {
                WithValue = ["-d", "-c", "-z", "-t", "-S", "-b"],
                BeforeScript = ["-f"],
                BeforeCode = ["-r"],
                Naming = ["-S"]
            },
            // Streams and the built-in server set SO_REUSEADDR (php_network_bind_socket_to_local_addr, php_network_listen_socket).
            Sockets = new() { ReuseAddress = true },
        },
        Runtime.Deno => new("deno", "Deno", Runtime.Node)
        {
            Programs = ["deno"],
            Words = new()
            {
                WithValue = ["-c", "--config", "--import-map", "--lock", "--preload"],
                BeforeCode = ["-e", "--eval"],
                Launchers = ["run"]
            },
            // It listens through socket2.
            Sockets = new() { ReuseAddress = true },
        },
        Runtime.Bun => new("bun", "Bun", Runtime.Node)
        {
            Programs = ["bun"],
            Words = new()
            {
                WithValue = ["-r", "--preload", "-c", "--config", "--cwd"],
                BeforeCode = ["-e", "--eval", "-p", "--print"],
                Launchers = ["run"]
            },
            // Bun.serve and node:net, as traced in 1.0, 1.1, 1.2 and 1.4.
            Sockets = new() { ReuseAddress = true },
        },
        Runtime.Perl => new("perl", "Perl", null)
        {
            Programs = ["perl"],
            Words = new() { WithValue = ["-I"], BeforeCode = ["-e", "-E"] },
            // Net::Server::Proto::TCP asks for ReuseAddr.
            Sockets = new() { ReuseAddress = true },
        },
        Runtime.Mono => new("mono", "Mono", null) { Programs = ["mono"], Words = new() { WithValue = ["--config"] } },
        // gen_tcp sets nothing unless told.
        Runtime.Erlang => new("erlang", "Erlang", null) { Programs = ["beam.smp"] },
        Runtime.Shell => new("shell", "a shell", null)
        {
            Programs = ["sh", "bash", "dash", "zsh", "ksh"],
            Words = new() { WithValue = ["-o", "-O", "--rcfile", "--init-file"], BeforeCode = ["-c"] },
        },
    };
}

/// <summary>What a program does to its sockets before bind() on Linux, unless told otherwise. Null: not known, or not always.</summary>
/// <param name="ReuseAddress">It sets SO_REUSEADDR on its TCP listeners.</param>
/// <param name="ReusePort">It sets SO_REUSEPORT on its TCP listeners.</param>
/// <param name="V6OnlyAtWildcard">It sets IPV6_V6ONLY so when it binds [::].</param>
/// <param name="V6OnlyElsewhere">It sets IPV6_V6ONLY so when it binds any other IPv6 address.</param>
/// <param name="AnyIPv4IsDualStack">It opens one dual-stack socket where the text says 0.0.0.0.</param>
/// <param name="UdpReuseAddress">Whether it sets SO_REUSEADDR on UDP sockets; false where it sets no option on them.</param>
internal record SocketDefaults(bool? ReuseAddress = null, bool? ReusePort = null, bool? V6OnlyAtWildcard = null,
    bool? V6OnlyElsewhere = null, bool? AnyIPv4IsDualStack = null, bool? UdpReuseAddress = null);

/// <summary>Which words of a runtime's command line lead to what it runs. Options that are not named stand alone.</summary>
internal sealed record ScriptWords
{
    /// <summary>Options that take the next argument as their value.</summary>
    public ImmutableArray<string> WithValue { get; init; } = [];

    /// <summary>Options before the script, the module or the jar.</summary>
    public ImmutableArray<string> BeforeScript { get; init; } = [];

    /// <summary>Options before code, which has no name.</summary>
    public ImmutableArray<string> BeforeCode { get; init; } = [];

    /// <summary>Words before the script that tell as much as it does.</summary>
    public ImmutableArray<string> Naming { get; init; } = [];

    /// <summary>Words before the script that say nothing.</summary>
    public ImmutableArray<string> Launchers { get; init; } = [];
}

/// <summary>Where in the command line of an interpreter stands what it runs.</summary>
/// <param name="From">The first argument that tells a person what runs.</param>
/// <param name="At">The script, the module, the jar or the main class; null for code on the command line, and where there is none.</param>
/// <param name="IsVerbatim">All from <paramref name="From"/> on tells something, such as the address of <c>php -S</c>.</param>
internal readonly record struct ScriptArgument(int From, int? At, bool IsVerbatim)
{
    /// <summary>Finds the script, module, jar or code in a command line.</summary>
    /// <param name="arguments">The command line, from the program's name on.</param>
    /// <returns>Null when the runtime is no interpreter, and when nothing is found.</returns>
    public static ScriptArgument? In(Runtime runtime, ImmutableArray<string> arguments)
    {
        if (RuntimeBook.WordsOf(runtime) is not { } words)
            return null;
        int? naming = null;
        for (var i = 1; i < arguments.Length && arguments[i].Length > 0; i++)
        {
            var argument = arguments[i];
            // A hyphen alone is the standard input, and what follows are its arguments.
            if (words.BeforeCode.Contains(argument) || argument == "-")
                return new(naming ?? i, null, IsVerbatim: true);
            if (words.BeforeScript.Contains(argument) && i + 1 < arguments.Length)
                return new(naming ?? i, i + 1, naming is not null);
            var isNaming = words.Naming.Contains(argument);
            if (isNaming)
                naming ??= i;
            if (words.WithValue.Contains(argument))
                i++;
            else if (argument[0] is not ('-' or '@') && !isNaming && !words.Launchers.Contains(argument))
                return new(naming ?? i, i, naming is not null);
        }
        return naming is { } from ? new(from, null, IsVerbatim: true) : null;
    }
}
