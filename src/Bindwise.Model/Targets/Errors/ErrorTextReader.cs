using Bindwise.Model.Targets.Errors.Families;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Finds in a pasted error text the addresses of the binds that failed: not a timestamp, a line number, a pid or a peer. Where only one is
/// asked for, the first that names an address with its port is taken, else a port alone.
/// </summary>
internal static class ErrorTextReader
{
    private const string Nothing = "no address was found in that text: ";

    /// <summary>All that vsftpd, tinyproxy, Squid and others say.</summary>
    private static readonly string[] BareFailures =
        ["could not bind listening", "could not create listening socket", "Cannot open HTTP Port", "unable to listen on any"];

    /// <summary>What these number is no port.</summary>
    private static readonly HashSet<string> OtherNumbers =
        new(StringComparer.OrdinalIgnoreCase) { "pid", "ppid", "process", "inode", "fd", "uid" };

    /// <summary>Reads the one address to take when only one can be asked. Never throws; of a text over 1 MiB the end is read.</summary>
    /// <param name="text">The text, with whatever stands around the message.</param>
    /// <returns>A target with <see cref="Target.Pasted"/>, or one line that says what is missing.</returns>
    public static ParseResult<Target> Read(string text) => ReadAll(text).Select(static targets => targets.First);

    /// <summary>Reads every address that a text names. Never throws; of a text over 1 MiB the end is read.</summary>
    /// <param name="text">The text, with whatever stands around the messages.</param>
    /// <returns>Targets with <see cref="Target.Pasted"/> in the order of the text, or one line that says what is missing.</returns>
    public static ParseResult<TargetList> ReadAll(string text)
    {
        var lines = ErrorText.From(text);
        var found = FailedBinds.In(lines);
        if (found.Best is { } best)
        {
            if (PathOf(best) is { IsSuccess: false } fault)
                return Fault.Whole<TargetList>(fault.Error!);
            var frames = new PastedError { Files = SourceFiles.In(lines), Packages = NamedPackages.In(lines) };
            var failures = found.All().FindAll(static found => PathOf(found) is not { IsSuccess: false });
            var targets = WildcardPairs.Join([.. BothProtocols(lines, failures).Select(one => ToTarget(lines, one, frames with
            {
                MayMeanUdp = one.Source == ProtocolSource.Assumed && !failures.Exists((one with { Protocol = Protocol.Udp }).IsSamePlace),
            }))]);
            return new(TargetList.Of(targets, ToTarget(lines, best, frames with { MayMeanUdp = best.Source != ProtocolSource.Stated })));
        }
        return ConnectMessages.Read(lines) is { } connecting ? new(TargetList.Of(connecting))
            : Fault.Whole<TargetList>(Explain(lines, found.AddressOnly));
    }

    /// <summary>A socket's path may be too long for any; null where none is told.</summary>
    private static ParseResult<Target>? PathOf(BindMention found) =>
        found.Address.Path is { } path ? PathGrammar.FromPath(path, path, 0) : null;

    /// <summary>The errno and the system of a text that names neither address nor port; null where it tells of no failed bind.</summary>
    public static PastedError? ReadWithoutPlace(string text)
    {
        var lines = ErrorText.From(text);
        // Only EADDRINUSE is nobody's but bind()'s, wherever else the text has an address.
        return FailedBinds.In(lines).Best is null && (RunningServer.In(lines) ?? ForeignRefusals.In(lines)) is null
            && (IsOfAnotherCall(lines) ? null : lines.ErrnoNear(0)) is { } errno
            && (errno == "EADDRINUSE" || Mentioned(lines) is null)
            ? new() { Errno = errno, System = lines.SystemNear(0) } : null;
    }

    /// <summary>
    /// Where a text leaves the protocol open, the same place of the other one as well, unless the text tells of it itself.
    /// </summary>
    private static IEnumerable<BindMention> BothProtocols(ErrorText text, List<BindMention> failures)
    {
        foreach (var found in failures)
        {
            yield return found;
            var other = found with
            {
                Protocol = found.Protocol == Protocol.Udp ? Protocol.Tcp : Protocol.Udp,
                IsLessLikely = found.Source == ProtocolSource.Open,
            };
            // A program that is known by the lines around it (ssh) has one protocol; of one that words it so itself, its phrase says it.
            if (found.Source is ProtocolSource.Open or ProtocolSource.Both
                && (found.Profile.Program is not null || RuntimeGuess.Around(text, found.Line).Program is null)
                && !failures.Exists(other.IsSamePlace))
                yield return other;
        }
    }

    /// <param name="frames">What the whole text tells: its stack traces, and whether it may mean UDP.</param>
    private static Target ToTarget(ErrorText text, BindMention found, PastedError frames)
    {
        var where = found.Address;
        var profile = found.Profile is { Runtime: null, Program: null } ? RuntimeGuess.Around(text, found.Line) : found.Profile;
        return new()
        {
            Text = TextOf(where) + (found.Protocol == Protocol.Udp ? "/udp" : ""),
            Protocol = found.Protocol,
            IsProtocolAssumed = found.Source != ProtocolSource.Stated,
            Host = where.Host,
            Address = where.Address,
            Scope = where.Scope,
            Port = where.Port,
            Path = where.Path,
            Pasted = profile.Describe(found) with
            {
                Errno = found.Errno ?? ErrnoWords.OfAddress(text.Lines[found.Line])
                    ?? (ErrnoWords.HasUnknown(text.Lines[found.Line], where.End) ? ErrnoWords.Unknown : text.ErrnoNear(found.Line)),
                System = text.SystemNear(found.Line),
                MayMeanUdp = frames.MayMeanUdp,
                IsLessLikely = found.IsLessLikely,
                IsPortAssumed = found.IsPortAssumed,
                Files = frames.Files,
                Packages = frames.Packages,
            },
        };
    }

    /// <summary>The address as a target is typed, so that the user can ask again.</summary>
    private static string TextOf(AddressMention where)
    {
        if (where.Path is { } path)
            return PathGrammar.Spell(path);
        var host = where.Address is { Family: IpFamily.IPv6 }
            ? "[" + where.Host + (where.Scope is { } scope ? "%" + scope : "") + "]" : where.Host;
        return host is null ? string.Create(CultureInfo.InvariantCulture, $"{where.Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{where.Port}");
    }

    /// <summary>Two or three words with a port among them, and perhaps a protocol, are a target typed with blanks.</summary>
    private static string? ExplainWords(string line)
    {
        const string NoBlanks = "a target has no blanks; write ";
        var typed = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries);
        // 8080/tcp: 1234 1240: as fuser prints the processes that have it.
        if (typed is [[.. var named, ':'], .. var ids] && ids.All(static id => id.All(static c => c == ' ' || char.IsAsciiDigit(c)))
            && EndpointGrammar.Parse(named, 0).Value is { Service: null })
            return NoBlanks + named;
        var words = Array.FindAll(typed, static word => word.TrimEnd(':', '4', '6').ToLowerInvariant() is not ("tcp" or "udp"));
        var protocol = ProtocolWords.Of(line) == Protocol.Udp ? "/udp" : "";
        return words switch
        {
            [.., var what, var number] when OtherNumbers.Contains(what.TrimEnd(':', '#')) && number.All(char.IsAsciiDigit) =>
                "a target is a port, an address with a port, or a path, as in: bindwise why 8080",
            [var host, var port] when PortText.TryParseNumber(port, out _) && !AddressMentionReader.IsFiller(host)
                && (HostText.IsPlausibleName(host) || HostText.TryParseDottedQuad(host, out _)) =>
                $"{NoBlanks}{Fault.Show(host)}:{port}{protocol}",
            [var host, var port] when PortText.TryParseNumber(port, out _) && HostText.TryParseIPv6(host, out _) =>
                $"{NoBlanks}[{Fault.Show(host)}]:{port}{protocol}",
            { Length: 2 or 3 } when words.All(static word => PortText.TryParseNumber(word, out _)) =>
                $"give each as a target of its own: {string.Join(' ', words.Select(port => port + protocol))}",
            [.., var port] when words.Length < 4 && PortText.TryParseNumber(port, out _) => NoBlanks + port + protocol,
            _ => null,
        };
    }

    /// <summary>
    /// Much is refused with EACCES or EPERM: where nothing speaks of a socket, it is a bind only if a runtime prints no more than that.
    /// </summary>
    private static bool IsOfAnotherCall(ErrorText text) => text.ErrnoNear(0) is "EACCES" or "EPERM"
        && !text.Lines.Any(static line => ErrnoWords.SpeaksOfSockets(line) && !GenericMessages.IsConnecting(line))
        && (RuntimeGuess.Around(text, 0) == RuntimeProfile.Unknown || text.Lines.Any(static line => ErrnoWords.Mentions(line)
            && (line.Contains('/', StringComparison.Ordinal) || line.Contains("open", StringComparison.OrdinalIgnoreCase))));

    /// <summary>The first place of any kind, with its line; null for none.</summary>
    private static (string Line, AddressMention Where)? Mentioned(ErrorText text)
    {
        foreach (var read in (ReadOnlySpan<Func<string, AddressMention?>>)[GenericMessages.ReadAnywhere, GenericMessages.ReadPathAnywhere])
        {
            foreach (var line in text.Lines)
            {
                if (read(line) is { } where)
                    return (line, where);
            }
        }
        return null;
    }

    private static string Explain(ErrorText text, BindMention? addressOnly)
    {
        if (addressOnly is not null)
            return $"the text names the address {Fault.Show(addressOnly.Address.Host)} but no port; add it, as in: bindwise why "
                + $"{Fault.Show(TextOf(addressOnly.Address with { Port = 8080 }))}";
        if ((RunningServer.In(text) ?? ForeignRefusals.In(text)) is { } other)
            return other;
        var errno = IsOfAnotherCall(text) ? null : text.ErrnoNear(0);
        // connect() binds by itself: this errno says that no ephemeral port was left for the peer.
        if (text.Lines.FirstOrDefault(line => GenericMessages.IsConnecting(line) && ErrnoWords.TryFind(line, out var mention)
                && mention.Name == "EADDRNOTAVAIL") is { } connecting)
            return Nothing + "it says that an outgoing connection got no port of its own; ask whether any is left: bindwise why 0"
                + (ProtocolWords.Of(connecting) == Protocol.Udp ? "/udp" : "");
        if (Mentioned(text) is ({ } line, { } where))
        {
            // Of several, as docker ps has them, each has its own protocol behind it.
            var own = line[Math.Min(where.End, line.Length)..].Split(',', ' ')[0];
            var isUdp = where.Port is not null && (ProtocolWords.After(own, 0) ?? ProtocolWords.Of(line)) == Protocol.Udp;
            var target = Fault.Show(TextOf(where)) + (isUdp ? "/udp" : "");
            return $"{Nothing}it mentions {Fault.Show(TextOf(where))}, but not that a bind failed there; if that is the one, ask: "
                + $"bindwise why {(target.AsSpan().ContainsAny('[', '*') ? $"'{target}'" : target)}";
        }
        return text.Lines.Count == 1 && errno is null && ExplainWords(text.Lines[0]) is { } explained ? explained
            : errno is null && BareFailures.Any(words => text.LineWith(words) >= 0)
                ? Nothing + "it says that a bind failed, but neither where nor why; start your program with: bindwise run -- YOUR COMMAND, "
                    + "which explains the bind that fails"
            : errno is null ? Nothing + "it is neither a target nor the error of a failed bind; give the port itself, such as 8080"
            : $"{Nothing}it says that a bind failed ({errno}), but not where; give the port itself, such as 8080, or start your program "
                + "with: bindwise run -- YOUR COMMAND, which explains the bind that fails";
    }
}

/// <summary>
/// The program's own files in stack traces: <c>File "/app/server.py", line 3</c>, <c>(/app/server.js:5:3)</c>, <c>in /src/Program.cs:line
/// 3</c>, <c>/app/config.ru:3:in</c>. Files of runtimes and packages tell nothing about the program.
/// </summary>
internal static class SourceFiles
{
    private const int MaxFiles = 8;
    private const int MaxPathChars = 512;

    private static readonly string[] Ends =
        [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".cs", ".fs", ".vb", ".rb", ".ru", ".php", ".go", ".rs", ".pl", ".lua",
            ".exs", ".ex"];

    /// <summary>Loggers print these without their folders: such a name tells nothing.</summary>
    private static readonly string[] EndsOfCompiled = [".cs", ".fs", ".vb", ".go", ".rs"];

    /// <summary>Node.js's own, as its old versions print them.</summary>
    private static readonly HashSet<string> NodeInternals =
        ["events.js", "net.js", "dgram.js", "module.js", "timers.js", "node.js", "bootstrap_node.js", "child_process.js", "cluster.js"];

    private static readonly string[] Foreign =
    [
        "node:", "site-packages/", "dist-packages/", "node_modules/", "/usr/lib/", "/usr/local/lib/", "/usr/share/", "/usr/local/go/",
        "/usr/lib64/",
        "/go/pkg/mod/", "/gems/", "/.cargo/", "/rustc/", "/_/src/", "/lib/python3", "/lib/python2", "/lib/ruby/", "/nix/store/", "/vendor/",
        "<frozen",
        "internal/modules/", "/.pyenv/", "/.rbenv/", "/.nvm/", "/deps/",
    ];

    /// <summary>The paths, in the order of the text, without doubles.</summary>
    public static ImmutableArray<string> In(ErrorText text)
    {
        var files = ImmutableArray.CreateBuilder<string>();
        foreach (var line in text.Lines)
        {
            for (var dot = line.IndexOf('.', StringComparison.Ordinal); dot >= 0
                && files.Count < MaxFiles; dot = line.IndexOf('.', dot + 1))
            {
                if (PathEndingAt(line, dot) is { } path && !files.Contains(path))
                    files.Add(path);
            }
            if (files.Count == MaxFiles)
                break;
        }
        return files.ToImmutable();
    }

    private static string? PathEndingAt(string line, int dot)
    {
        foreach (var ending in Ends)
        {
            var end = dot + ending.Length;
            if (string.CompareOrdinal(line, dot, ending, 0, ending.Length) != 0 || !IsFollowedByLine(line, end))
                continue;
            var start = dot;
            // Python quotes its paths: they may hold blanks.
            var quote = end < line.Length && line[end] == '"' ? line.LastIndexOf('"', dot, Math.Min(dot + 1, MaxPathChars)) : -1;
            if (quote >= 0)
                start = quote + 1;
            while (quote < 0 && start > 0 && dot - start < MaxPathChars
                && line[start - 1] is not (' ' or '"' or '\'' or '`' or '(' or '[' or '<' or '=' or ','))
                start--;
            var path = line[start..end];
            if (path.StartsWith("file://", StringComparison.Ordinal))
                path = path["file://".Length..];
            return path.Length > ending.Length && IsOwn(path, ending) ? path : null;
        }
        return null;
    }

    private static bool IsOwn(string path, string ending) =>
        !Foreign.Any(part => path.Contains(part, StringComparison.Ordinal)) && !NodeInternals.Contains(path)
        && !path.StartsWith("internal/", StringComparison.Ordinal) && (path.StartsWith('/') || !EndsOfCompiled.Contains(ending));

    /// <summary>
    /// A line number after it makes it a frame of a stack: <c>:3</c>, <c>:line 3</c>, <c>", line 3</c>, <c> on line 3</c>.
    /// </summary>
    private static bool IsFollowedByLine(string line, int end)
    {
        var rest = line.AsSpan(end);
        return (rest.Length > 1 && rest[0] == ':' && char.IsAsciiDigit(rest[1]))
            || rest.StartsWith(":line ", StringComparison.Ordinal)
            || rest.StartsWith("\", line ", StringComparison.Ordinal)
            || rest.StartsWith(" on line ", StringComparison.Ordinal);
    }
}
