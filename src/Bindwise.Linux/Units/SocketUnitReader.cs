namespace Bindwise.Linux.Units;

/// <summary>
/// Finds the socket units that list an address, from unit files and drop-ins: what a service manager holds a socket for. Files do not tell
/// which units are started, and a unit that was changed since (without daemon-reload) is told as it stands on disk.
/// </summary>
/// <param name="root">Where the host's files are: empty for this host.</param>
internal sealed class SocketUnitReader(string root = "")
{
    private const int MaximumUnits = 2048;

    /// <param name="paths">The paths and abstract names (<c>@name</c>) in question.</param>
    internal List<SocketUnitRecord> Read(ProcessRecord manager, ushort? port, IReadOnlySet<string> paths)
    {
        var folders = UnitFolders.Of(manager, root);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var dropIns = new Dictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        var wanted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var folder in folders.Folders)
            Collect(folders, folder, files, dropIns, wanted);
        // An instance that was started by hand stands in no file; its template says what it would be called.
        HashSet<string> guessed = port is null ? [] :
        [
            .. files.Keys.Where(static f => f.EndsWith("@.socket", StringComparison.Ordinal))
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f[..^".socket".Length]}{port}.socket"))
                .Where(name => !files.ContainsKey(name) && !wanted.Contains(name)),
        ];
        var suffix = port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : null;
        return [.. files.Keys.Union(wanted).Union(guessed).Select(static file => UnitName.Read(file)).OfType<UnitName>()
            .Where(static n => !n.IsTemplate).Take(MaximumUnits)
            .Select(name => ReadUnit(name, folders, files, dropIns, guessed.Contains(name.Full)))
            .OfType<SocketUnitRecord>()
            .Where(u => u.Listens.Any(l => paths.Contains(l.Address)
                || (suffix is not null && (l.Address == suffix[1..] || l.Address.EndsWith(suffix, StringComparison.Ordinal)))))
            .Where(u => !files.TryGetValue(u.Name, out var file) || !folders.IsAlias(file, u.Name))
            .Select(u => u with { ManagerId = manager.Id, IsEnabled = wanted.Contains(u.Name) })];
    }

    // The folders come in their order: of files alike in name the first one counts.
    private static void Collect(
        UnitFolders folders, string folder, SortedDictionary<string, string> files,
        Dictionary<string, SortedDictionary<string, string>> dropIns, SortedSet<string> wanted)
    {
        foreach (var name in folders.List(folder))
        {
            if (name.EndsWith(".socket", StringComparison.Ordinal))
                files.TryAdd(name, folder + "/" + name);
            else if (name.EndsWith(".wants", StringComparison.Ordinal) || name.EndsWith(".requires", StringComparison.Ordinal)
                || name.EndsWith(".upholds", StringComparison.Ordinal))
                wanted.UnionWith(folders.List(folder + "/" + name).Where(static n => n.EndsWith(".socket", StringComparison.Ordinal)));
            else if (name.EndsWith(".socket.d", StringComparison.Ordinal) || name == "socket.d")
            {
                if (!dropIns.TryGetValue(name, out var parts))
                    dropIns.Add(name, parts = new SortedDictionary<string, string>(StringComparer.Ordinal));
                foreach (var part in folders.List(folder + "/" + name).Where(static n => n.EndsWith(".conf", StringComparison.Ordinal)))
                    parts.TryAdd(part, folder + "/" + name + "/" + part);
            }
        }
    }

    private static SocketUnitRecord? ReadUnit(
        UnitName name, UnitFolders folders, SortedDictionary<string, string> files,
        Dictionary<string, SortedDictionary<string, string>> dropIns,
        bool isGuess)
    {
        if (!files.TryGetValue(name.Full, out var path) && (name.Template is not { } template || !files.TryGetValue(template, out path)))
            return null;
        var assignments = UnitFile.Read(folders.Read(path), "Socket");
        // By file name over all drop-in folders; those of the unit itself go before those of its template, and of its type.
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var folder in new[] { name.Full + ".d", name.Template is { } t ? t + ".d" : null, "socket.d" })
        {
            if (folder is null || !dropIns.TryGetValue(folder, out var found))
                continue;
            foreach (var (part, file) in found)
                parts.TryAdd(part, file);
        }
        foreach (var file in parts.Values)
            assignments.AddRange(UnitFile.Read(folders.Read(file), "Socket"));
        // Only where the instance is what tells the port.
        if (isGuess)
            assignments.RemoveAll(static a => a.Key.StartsWith("Listen", StringComparison.Ordinal) && a.Value.Length > 0
                && !a.Value.Contains("%i", StringComparison.OrdinalIgnoreCase));
        return Understand(name, assignments, folders);
    }

    private static SocketUnitRecord? Understand(UnitName name, List<(string Key, string Value)> assignments, UnitFolders folders)
    {
        var listens = new List<SocketUnitListen>();
        string? service = null;
        var accepts = false;
        bool? v6Only = null;
        foreach (var (key, raw) in assignments)
        {
            var value = name.Expand(raw, folders.Runtime, folders.Home);
            if (key.StartsWith("Listen", StringComparison.Ordinal) && value.Length == 0)
                // An empty one clears the list of every kind (socket_free_ports() of systemd).
                listens.Clear();
            else if (key is "ListenStream" or "ListenDatagram" or "ListenSequentialPacket")
            {
                listens.Add(new SocketUnitListen(
                    key switch
                    {
                        "ListenStream" => SocketUnitKind.Stream,
                        "ListenDatagram" => SocketUnitKind.Datagram,
                        _ => SocketUnitKind.SequentialPacket
                    }, value));
            }
            else if (key == "Service")
                service = value.Length == 0 ? null : value;
            else if (key == "Accept")
                accepts = UnitFile.Boolean(value) ?? accepts;
            else if (key == "BindIPv6Only")
                v6Only = value switch { "ipv6-only" => true, "both" => false, _ => null };
        }
        return listens.Count == 0 ? null : new SocketUnitRecord
        {
            Name = name.Full,
            Service = service ?? (accepts ? name.Stem + "@.service" : name.Stem + ".service"),
            Listens = [.. listens],
            Accepts = accepts,
            V6Only = v6Only,
        };
    }
}

/// <summary>
/// A value of SocketBindAllow= or SocketBindDeny= (systemd.resource-control(5)): <c>any</c>, or <c>[FAMILY:][PROTOCOL:][PORTS]</c>. Pure.
/// </summary>
internal static class SocketBindText
{
    /// <summary>The rule; null for a text that systemd would not take either.</summary>
    internal static SocketBindRule? Parse(bool allows, string text)
    {
        IpFamily? family = null;
        Protocol? protocol = null;
        PortRange? ports = null;
        if (text == "any")
            return new SocketBindRule(allows, null, null, null, Line(allows, text));
        var parts = text.Split(':').AsSpan();
        if (parts is ["ipv4" or "ipv6", ..])
        {
            family = parts[0] == "ipv4" ? IpFamily.IPv4 : IpFamily.IPv6;
            parts = parts[1..];
        }
        if (parts is ["tcp" or "udp", ..])
        {
            protocol = parts[0] == "tcp" ? Protocol.Tcp : Protocol.Udp;
            parts = parts[1..];
        }
        if (parts is [not "any" and var range] && (ports = PortsOf(range)) is null)
            return null;
        return parts.Length > 1 ? null : new SocketBindRule(allows, family, protocol, ports, Line(allows, text));
    }

    private static PortRange? PortsOf(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        return ushort.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && ushort.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) && from > 0 && from <= to
            ? new PortRange(from, to)
            : null;
    }

    private static string Line(bool allows, string text) => $"{(allows ? "SocketBindAllow" : "SocketBindDeny")}={text}";
}
