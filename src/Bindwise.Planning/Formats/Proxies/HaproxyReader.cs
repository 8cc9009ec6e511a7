using Bindwise.Model.Addresses;

namespace Bindwise.Planning.Formats.Proxies;

/// <summary>
/// haproxy's <c>bind</c> lines in frontend, listen, peers and log-forward sections, <c>stats socket</c> in global, and the obsolete address
/// of a frontend or listen line (configuration manual, 3.1, 4.2 and 11.1). haproxy sets SO_REUSEPORT, so that two of its frontends on one
/// port share the connections: only <c>noreuseport</c> makes that an error.
/// </summary>
internal sealed class HaproxyReader(PlanContext context)
{
    public const string Format = "haproxy";
    private const int MostPrefixes = 4;

    private static readonly HashSet<string> Sections =
    [
        "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "mailers", "program", "userlist", "cache",
        "http-errors", "ring", "log-forward", "log-profile",
        "fcgi-app", "crt-store", "traces", "acme",
    ];

    public void Read(string file)
    {
        if (context.Read(file, Format) is not { } text)
            return;
        var lines = ConfigurationLines.Of(text).Select(line => (line.Number, Words: WordsOf(line.Text)))
            .Where(static line => line.Words.Count > 0).ToList();
        var binder = Binder.Haproxy with { ReusePort = !lines.Any(static line => line.Words[0] == "noreuseport") };
        var section = "";
        var (isDisabled, isDisabledByDefault, hasBranches) = (false, false, false);
        for (var index = 0; index < lines.Count; index++)
        {
            var (number, words) = lines[index];
            var at = new PlanLocation(file, number);
            if (Sections.Contains(words[0]))
            {
                section = words.Count > 1 ? $"{words[0]} {words[1]}" : words[0];
                // The last one of a section counts; defaults stand for the proxies after them.
                var last = lines.Skip(index + 1).TakeWhile(static line => !Sections.Contains(line.Words[0]))
                    .LastOrDefault(static line => line.Words[0] is "enabled" or "disabled").Words?[0];
                isDisabled = last == "disabled" || (last is null && isDisabledByDefault && words[0] is "frontend" or "listen");
                if (words[0] == "defaults")
                    isDisabledByDefault = isDisabled;
                if (words[0] is "frontend" or "listen" && words.Count > 2 && words[2].Contains(':', StringComparison.Ordinal))
                    Bind(words[2], [], at);
            }
            else if (words[0] is ".if" or ".elif" or ".else" or ".endif" or ".diag" or ".notice" or ".warning" or ".alert")
            {
                if (!hasBranches && words[0] == ".if")
                    context.Warn("not-understood", "the condition of .if is not known here: all branches were read", at, PlanLevel.Note);
                hasBranches |= words[0] == ".if";
            }
            else if (words is ["bind" or "dgram-bind", var bound, ..]
                && section.Split(' ')[0] is "frontend" or "listen" or "peers" or "log-forward")
                Bind(bound, words, at);
            else if (section == "global" && words is ["stats", "socket", var commands, ..])
                AddAll("stats socket", commands, words, section, at, binder);
            else if (section.Length == 0)
            {
                context.Warn("not-understood", $"{words[0]} is not in any section", at);
                section = "?";
            }
        }

        void Bind(string addresses, List<string> words, PlanLocation at)
        {
            if (isDisabled)
                context.WhyNone[file] = "every section with a bind is disabled";
            else
                AddAll("bind", addresses, words, section, at, binder);
        }
    }

    private static List<string> WordsOf(string line)
    {
        var comment = line.TrimStart() is ['#', ..] ? 0 : line.IndexOf(" #", StringComparison.Ordinal);
        return [.. CommandLineWords.Split(comment < 0 ? line : line[..comment])];
    }

    private void AddAll(string keyword, string addresses, List<string> words, string section, PlanLocation at, Binder binder)
    {
        foreach (var address in addresses.Split(','))
        {
            if (BindsOf(address, words, binder) is not { } found)
                context.Warn("not-understood",
                    $"{keyword} {address} of {section} is not understood: only addresses are, no names and variables", at, PlanLevel.Note);
            else if (found.Binds.Length > 0)
            {
                context.Add(new PlannedPort
                {
                    Format = Format,
                    Location = at,
                    Name = "haproxy " + section,
                    Text = $"{keyword} {address}",
                    Binds = found.Binds,
                    Count = found.Count,
                    IsPrivilegedProgram = true,
                    // sock_unix_bind_receiver(), src/sock_unix.c: to PATH.PID.tmp, and then renamed.
                    ReplacesFile = found.Binds is [{ Protocol: Protocol.Unix, Path: not ['@', ..] }],
                });
            }
        }
    }

    private static (ImmutableArray<BindRequest> Binds, int Count)? BindsOf(string text, List<string> words, Binder binder)
    {
        var address = text;
        var protocol = words is ["dgram-bind", ..] ? Protocol.Udp : Protocol.Tcp;
        IpFamily? family = null;
        // Prefixes of the family may stand before one another: quic4@, udp@, ipv6@.
        var prefixes = 0;
        for (var at = address.IndexOf('@', StringComparison.Ordinal); at >= 0; at = address.IndexOf('@', StringComparison.Ordinal))
        {
            if (++prefixes > MostPrefixes)
                return null;
            var prefix = address[..at];
            address = address[(at + 1)..];
            switch (prefix)
            {
                case "unix" or "uxst":
                    return ([binder.Unix(address)], 1);
                case "abnsz":
                    return ([binder.Unix(AbstractName.FromTyped(Encoding.UTF8.GetBytes(address)))], 1);
                case "abns":
                    // The name is filled with NULs up to the length of sun_path: another one than that which other programs call so.
                    var name = Encoding.UTF8.GetBytes(address);
                    Array.Resize(ref name, Math.Max(AbstractName.MaximumBytes, name.Length));
                    return ([binder.Unix(AbstractName.Spell(name))], 1);
                case "fd" or "sockpair":
                    return ([], 1);
                case "ipv4" or "tcp4" or "udp4" or "quic4" or "mptcp4":
                    family = IpFamily.IPv4;
                    break;
                case "ipv6" or "tcp6" or "udp6" or "quic6" or "mptcp6":
                    family = IpFamily.IPv6;
                    break;
                case "tcp" or "udp" or "quic" or "mptcp" or "stream" or "dgram":
                    break;
                default:
                    return null;
            }
            if (prefix.StartsWith("udp", StringComparison.Ordinal) || prefix.StartsWith("quic", StringComparison.Ordinal)
                || prefix == "dgram")
                protocol = Protocol.Udp;
        }
        if (address.StartsWith('/'))
            return ([binder.Unix(address)], 1);
        var colon = address.LastIndexOf(':');
        if (colon < 0 || PortWords.Range(address[(colon + 1)..]) is not { } ports)
            return null;
        var host = address[..colon].Trim('[', ']');
        IpAddress parsed;
        if (host is "" or "*")
            parsed = family == IpFamily.IPv6 ? IpAddress.AnyIPv6 : IpAddress.AnyIPv4;
        else if (!IpAddress.TryParse(host, out parsed))
            return null;
        // v4v6 opens :: for both families, and changes nothing of *, which is IPv4; v6only goes before it; else the system's default.
        bool? v6Only = words.Contains("v6only") ? true : words.Contains("v4v6") ? false : null;
        var device = words.IndexOf("interface") is >= 0 and var index && index + 1 < words.Count ? words[index + 1] : null;
        return ([binder.Bind(protocol, parsed, ports.First, v6Only) with { Device = device, Freebind = words.Contains("transparent") }],
            ports.Last - ports.First + 1);
    }
}
