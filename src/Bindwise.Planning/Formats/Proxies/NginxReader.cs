namespace Bindwise.Planning.Formats.Proxies;

/// <summary>
/// nginx's <c>listen</c> (ngx_http_core_module, ngx_stream_core_module, ngx_mail_core_module). Each of these modules has one socket for
/// each address and port, however many of its servers name it, and with a wildcard none for the single addresses of its port (unless
/// <c>bind</c> or another option asks for one). Of what the others open it knows nothing.
/// </summary>
internal sealed class NginxReader(PlanContext context)
{
    public const string Format = "nginx";
    private const int MostIncludeDepth = 8;

    /// <summary>So many directives are read for includes: each counts those that it brings in, and <see cref="IncludeCost"/>.</summary>
    private const int MostIncluded = 200_000;

    /// <summary>An include looks through a folder.</summary>
    private const int IncludeCost = 100;

    private static readonly HashSet<string> Options =
    [
        "default_server", "default", "ssl", "http2", "quic", "proxy_protocol", "bind", "reuseport", "deferred", "multipath", "spdy", "udp",
    ];

    private static readonly string[] ValueOptions = ["setfib=", "fastopen=", "backlog=", "rcvbuf=", "sndbuf=", "accept_filter=",
        "ipv6only=", "so_keepalive="];

    // With one of these the address has a socket of its own, whatever wildcard there is (ngx_http.c, lsopt.bind).
    private static readonly string[] BindOptions = ["bind", "reuseport", "deferred", "backlog=", "rcvbuf=", "sndbuf=", "fastopen=",
        "setfib=", "accept_filter=", "ipv6only=", "so_keepalive=", "multipath"];

    // Each is compared with those before it.
    private const int MostCompared = 256;

    // What comes with nginx, and has no listen.
    private static readonly HashSet<string> Shipped = ["mime.types", "fastcgi_params", "fastcgi.conf", "scgi_params", "uwsgi_params",
        "proxy_params"];

    /// <summary>What nginx is started with has one of them outside of every block; other files are included in its http.</summary>
    public static ImmutableArray<string> MainBlocks { get; } = ["events", "http", "stream", "mail"];

    // What others include is no configuration of its own.
    private readonly HashSet<string> _included = new(StringComparer.Ordinal);

    // The files that are being read, each included by the one before: none of them is read within itself.
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private readonly Dictionary<string, (List<NginxDirective> Directives, int Fault)> _parsed = new(StringComparer.Ordinal);
    private int _read;

    /// <summary>One nginx: the file that it is started with, and what is included there.</summary>
    /// <param name="Main">Null for files that some nginx of the host includes.</param>
    private sealed record Instance(PlanFile? Main)
    {
        public List<NginxListen> Listens { get; } = [];
        public List<Server> Servers { get; } = [];
    }

    private sealed class Server(NginxDirective directive)
    {
        public NginxDirective Directive => directive;
        public bool HasListen { get; set; }
        public List<NginxListen> Listens { get; } = [];

        /// <summary>An include of it was not read, in which any listen may stand.</summary>
        public bool IsPart { get; set; }
    }

    /// <summary>
    /// Of the main files of one folder one is used. A file that none of them includes belongs to the main one around it, by a path that
    /// is not known here; of all others there is one nginx.
    /// </summary>
    public void Read(IEnumerable<PlanFile> files)
    {
        var parts = files.ToLookup(IsMain);
        var instances = new List<Instance>();
        foreach (var main in parts[true].OrderBy(static file => PlanPath.NameOf(file.Path) == "nginx.conf" ? 0 : 1)
            .Where(file => !_included.Contains(file.Path)))
        {
            instances.Add(new Instance(main));
            Read(main.Path, PlanPath.FolderOf(main.Path), [], instances[^1]);
        }
        var others = new Instance(Main: null);
        foreach (var part in parts[false].Where(file => !_included.Contains(file.Path)))
        {
            var instance = instances.Find(one => PlanPath.IsWithin(part.Path, PlanPath.FolderOf(one.Main!.Path))) ?? others;
            Read(part.Path, PlanPath.FolderOf(instance.Main?.Path ?? part.Path), ["http"], instance);
        }
        foreach (var instance in instances.Append(others))
            Add(instance);
    }

    private bool IsMain(PlanFile file) => Parse(file.Path, context.Read(file.Path, null) ?? "").Directives
        .Exists(static directive => directive.Blocks.Count == 0 && MainBlocks.Contains(directive.Words[0]));

    /// <summary>The directives that are asked for, each file's read once.</summary>
    private (List<NginxDirective> Directives, int Fault) Parse(string file, string text)
    {
        if (_parsed.TryGetValue(file, out var known))
            return known;
        var directives = NginxTokens.Read(file, text, out var fault);
        directives.RemoveAll(static directive => directive.Words[0] is not ("server" or "listen" or "include")
            && !MainBlocks.Contains(directive.Words[0]));
        return _parsed[file] = (directives, fault);
    }

    private void Add(Instance instance)
    {
        var listens = instance.Listens;
        foreach (var server in instance.Servers)
        {
            if (server.HasListen || server.Directive.Blocks is not ["http"])
                continue;
            var at = new PlanLocation(server.Directive.File, server.Directive.Line);
            if (server.IsPart)
                context.Warn("not-understood", "where this server listens is not known: not all that it includes was read", at,
                    PlanLevel.Note);
            else
                // Without a listen a server of http has *:80 (with root's rights).
                listens.Add(new NginxListen(at, "http", "listen 80, as nothing else is given",
                    Binder.Nginx.Bind(Protocol.Tcp, IpAddress.AnyIPv4, 80), 1, false, true));
        }
        foreach (var (socket, ports) in NginxSocket.Of(listens))
            Add(socket, ports, instance);
    }

    private void Add(NginxSocket socket, PortRange ports, Instance instance)
    {
        var first = socket.First;
        // ipv6only and reuseport hold for the socket if one of its lines gives them.
        var bind = socket.Listens.Find(static one => one.Bind.ReusePort)?.Bind
            ?? socket.Listens.Find(static one => one.Bind.V6Only == false)?.Bind ?? first.Bind;
        context.Add(new PlannedPort
        {
            Format = Format,
            Location = first.Location,
            Also = [.. socket.Listens.Skip(1).Select(static one => one.Location).Where(at => at != first.Location).Take(20)],
            Name = $"nginx ({PlanPath.NameOf(instance.Main?.Path ?? first.Location.File)})",
            Text = first.Text,
            Binds = [bind with { Port = (ushort)ports.First }],
            Count = ports.Last - ports.First + 1,
            Alternatives = instance.Main is { IsNamed: false, Path: var main }
                ? [new PlanAlternative("nginx " + PlanPath.FolderOf(main), main)] : [],
            IsPrivilegedProgram = true,
            IsForBrowsers = first.IsForBrowsers,
        });
    }

    /// <summary>Reads a file, with what it includes; false for one that is not there, and for one that includes itself.</summary>
    /// <param name="around">The blocks around the place where it is included.</param>
    private bool Read(string file, string prefix, IReadOnlyList<string> around, Instance instance)
    {
        if (context.Read(file, Format) is not { } text || !_open.Add(file))
            return false;
        var servers = instance.Servers;
        var (directives, fault) = Parse(file, text);
        if (_open.Count > 1)
            _read += directives.Count;
        foreach (var inFile in directives)
        {
            var directive = inFile with { Blocks = [.. around, .. inFile.Blocks] };
            switch (directive.Words[0])
            {
                case "server" when directive.Words.Count == 1:
                    servers.Add(new Server(directive));
                    break;
                case "listen" when directive.Words.Count > 1 && directive.Blocks is [.., "server"]:
                    var server = servers.Count > 0 ? servers[^1] : null;
                    if (server is not null)
                        server.HasListen = true;
                    if (ReadListen(directive) is { } listen)
                    {
                        instance.Listens.Add(listen);
                        WarnOfDuplicate(server?.Listens, listen);
                    }
                    break;
                case "include" when directive.Words.Count == 2:
                    if (!Include(directive, prefix, instance) && directive.Blocks is [.., "server"] && servers.Count > 0)
                        servers[^1].IsPart = true;
                    break;
            }
        }
        if (fault > 0)
            context.Miss("not-understood", "a brace or a semicolon is missing here or before", new PlanLocation(file, fault));
        _open.Remove(file);
        return true;
    }

    /// <summary>Reads what is included; false where that is nothing, or not all.</summary>
    private bool Include(NginxDirective directive, string prefix, Instance instance)
    {
        var path = PlanPath.Combine(prefix, directive.Words[1]);
        // As the files beside it are called.
        if (!prefix.StartsWith('/'))
            path = context.Files.Relative(path);
        var (folder, pattern) = (PlanPath.FolderOf(path), PlanPath.NameOf(path));
        if (Shipped.Contains(pattern))
            return true;
        var at = new PlanLocation(directive.File, directive.Line);
        var isOut = !PlanPath.IsWithin(path, prefix);
        if (isOut || PlanPath.HasWildcard(folder))
        {
            context.Warn(isOut ? "outside" : "not-understood", $"include {directive.Words[1]} "
                + (isOut ? $"leads out of {(prefix.Length == 0 ? "the folder" : prefix)}" : "has a wildcard in its folder")
                + " and was not read", at, PlanLevel.Note);
            return false;
        }
        _read += IncludeCost;
        var isRead = false;
        var names = !PlanPath.HasWildcard(pattern) || IsCut() ? [pattern]
            : context.Files.List(folder).Where(name => PlanPath.Matches(name, pattern));
        foreach (var name in names)
        {
            if (IsCut())
            {
                context.Miss("not-understood", $"this include was not read: includes are nested more than {MostIncludeDepth} deep, or "
                    + "bring in too many directives", at);
                return false;
            }
            var file = PlanPath.Combine(folder, name);
            _included.Add(file);
            // Outside of every block these are modules: Debian's modules-enabled/ links to the packages' own lines, which listen nowhere.
            if (directive.Blocks.Count == 0 && context.IsOutside(file))
                context.Warn("outside", $"{name} leads out of the folder and was not read", at, PlanLevel.Note);
            else
                isRead |= Read(file, prefix, directive.Blocks, instance);
        }
        return isRead;

        bool IsCut() => _open.Count > MostIncludeDepth || _read > MostIncluded;
    }

    // Of several servers they are one socket (ngx_http_add_server()).
    private void WarnOfDuplicate(List<NginxListen>? ofServer, NginxListen listen)
    {
        if (ofServer is null or { Count: >= MostCompared })
            return;
        if (ofServer.Find(listen.Overlaps) is { } other)
            context.Warn("duplicate-listen", $"nginx does not start: one server has {other.Text} and {listen.Text} "
                + $"(line {other.Location.Line}), the same address and port", listen.Location);
        ofServer.Add(listen);
    }

    private NginxListen? ReadListen(NginxDirective directive)
    {
        var at = new PlanLocation(directive.File, directive.Line);
        var options = directive.Words.Skip(2).ToList();
        foreach (var option in options)
        {
            if (!Options.Contains(option) && !ValueOptions.Any(known => option.StartsWith(known, StringComparison.Ordinal)))
                context.Warn("unknown-key", $"{option} is not an option of listen", at);
        }
        var address = directive.Words[1];
        var text = "listen " + address;
        var isOwn = options.Any(option => BindOptions.Any(known => option.StartsWith(known, StringComparison.Ordinal)));
        var protocol = options.Contains("udp") || options.Contains("quic") ? Protocol.Udp : Protocol.Tcp;
        var binder = Binder.Nginx with { ReusePort = options.Contains("reuseport") };
        var isHttp = directive.Blocks.Contains("http") && protocol == Protocol.Tcp;
        if (address.StartsWith("unix:", StringComparison.Ordinal))
            return new NginxListen(at, directive.Blocks[0], text, binder.Unix(address[5..]), 1, isOwn, false);
        // A port alone, an address with one, or an address alone, which means port 80.
        var colon = address.EndsWith(']') ? -1 : address.LastIndexOf(':');
        var number = colon >= 0 ? address[(colon + 1)..] : address;
        var range = PortWords.Range(number);
        var host = colon >= 0 ? address[..colon] : range is null ? address : "*";
        range ??= colon < 0 ? (80, 80) : null;
        if (range is not { } ports || AddressOf(host) is not { } parsed)
        {
            context.Warn("not-understood", $"listen {address} is not understood: only addresses are, no names and variables", at,
                PlanLevel.Note);
            return null;
        }
        // Of a name it takes every address (ngx_inet_resolve_host()).
        if (host == "localhost")
            context.Warn("not-understood",
                $"nginx listens on every address of localhost: on [::1]:{ports.First} too, where /etc/hosts has it", at, PlanLevel.Note);
        // Since 1.3.4 an IPv6 socket is for IPv6 alone unless ipv6only=off says otherwise.
        var bind = binder.Bind(protocol, parsed, ports.First, v6Only: !options.Contains("ipv6only=off"));
        return new NginxListen(at, directive.Blocks[0], text, bind, ports.Last - ports.First + 1, isOwn, isHttp);
    }

    private static IpAddress? AddressOf(string host) => host switch
    {
        "*" or "" => IpAddress.AnyIPv4,
        "localhost" => IpAddress.LoopbackIPv4,
        ['[', .., ']'] => IpAddress.TryParse(host[1..^1], out var address) && address.Family == IpFamily.IPv6 ? address : null,
        _ => IpAddress.TryParse(host, out var address) && address.Family == IpFamily.IPv4 ? address : null,
    };
}

/// <summary>A directive of nginx's configuration: its words, and how deep in blocks it stands.</summary>
/// <param name="Words">Its words, quotes taken off; not empty.</param>
/// <param name="Blocks">The blocks around it in its file, the outermost first.</param>
internal sealed record NginxDirective(string File, int Line, IReadOnlyList<string> Words, IReadOnlyList<string> Blocks);

/// <summary>Reads nginx's syntax: words, <c>;</c>, <c>{</c>, <c>}</c>, comments and quotes (ngx_conf_read_token()).</summary>
internal static class NginxTokens
{
    private const int MostDepth = 32;

    /// <summary>The directives in order, those that open a block before what is in it.</summary>
    /// <param name="fault">The line of a brace without its other one; 0 for none.</param>
    public static List<NginxDirective> Read(string file, string text, out int fault)
    {
        fault = 0;
        var directives = new List<NginxDirective>();
        var blocks = new List<string>();
        var words = new List<string>();
        var (line, first) = (1, 1);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\n')
                line++;
            else if (letter == '#')
            {
                while (at + 1 < text.Length && text[at + 1] != '\n')
                    at++;
            }
            else if (letter is ';' or '{' or '}')
            {
                if (words.Count > 0)
                    directives.Add(new NginxDirective(file, first, [.. words], [.. blocks]));
                if (letter == '{' && words.Count > 0 && LuaBlock.IsOpenedBy(words[0]))
                {
                    var end = LuaBlock.End(text, at + 1);
                    line += text.AsSpan(at, end - at).Count('\n');
                    at = end;
                    if (end == text.Length)
                        blocks.Add(words[0]);
                }
                else if (letter == '{' && blocks.Count < MostDepth)
                    blocks.Add(words.Count > 0 ? words[0] : "");
                else if (letter == '{')
                {
                    fault = line;
                    return directives;
                }
                else if (letter == '}' && blocks.Count > 0)
                    blocks.RemoveAt(blocks.Count - 1);
                else if (letter == '}')
                    fault = line;
                words.Clear();
            }
            else if (!char.IsWhiteSpace(letter))
            {
                if (words.Count == 0)
                    first = line;
                words.Add(Word(text, ref at, ref line));
            }
        }
        if (blocks.Count > 0 || words.Count > 0)
            fault = fault == 0 ? line - (text.EndsWith('\n') ? 1 : 0) : fault;
        return directives;
    }

    private static string Word(string text, ref int at, ref int line)
    {
        var word = new StringBuilder();
        char? quote = text[at] is '"' or '\'' ? text[at++] : null;
        for (; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\n')
                line++;
            if (quote is not null ? letter == quote : char.IsWhiteSpace(letter) || letter is ';' or '{' or '}')
            {
                // ${name} is a variable in the word.
                if (quote is null && letter is '{' && word.Length > 0 && word[^1] == '$')
                {
                    while (at < text.Length && text[at] is not ('}' or '\n'))
                        word.Append(text[at++]);
                    at -= at < text.Length && text[at] == '}' ? 0 : 1;
                    word.Append('}');
                    continue;
                }
                if (quote is null)
                {
                    line -= letter == '\n' ? 1 : 0;
                    at--;
                }
                return word.ToString();
            }
            if (letter == '\\' && at + 1 < text.Length)
                letter = text[++at];
            word.Append(letter);
        }
        return word.ToString();
    }
}
