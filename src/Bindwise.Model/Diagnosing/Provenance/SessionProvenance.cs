using Bindwise.Model.Addresses;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Under what a process's terminal or job runs, and in which editor, told by the programs among its parents.</summary>
internal static class SessionProvenance
{
    /// <summary>The nearest multiplexer, remote login or scheduler; null for none.</summary>
    public static string? Of(IReadOnlyList<ProcessRecord> parents) =>
        parents.Select(static p => NameOf(p.Name)).FirstOrDefault(static name => name is not null);

    public static string? EditorOf(IReadOnlyList<ProcessRecord> parents) =>
        parents.Select(EditorOf).FirstOrDefault(static name => name is not null);

    // As comm shows them: at most 15 bytes. tmux names its server so itself.
    private static string? NameOf(string name) => name switch
    {
        "tmux: server" or "tmux" => "tmux",
        "screen" or "SCREEN" => "screen",
        "zellij" => "zellij",
        "sshd" or "sshd-session" or "dropbear" => "ssh",
        "mosh-server" => "mosh",
        "cron" or "crond" or "CRON" or "atd" or "anacron" => "cron",
        _ => null,
    };

    private static string? EditorOf(ProcessRecord process)
    {
        var program = ProcessNames.ProgramOf(process);
        var path = process.Executable ?? "";
        return program switch
        {
            "code" or "code-insiders" or "codium" or "code-oss" or "code-server" => "VS Code",
            "cursor" => "Cursor",
            "windsurf" => "Windsurf",
            "zed" or "zed-editor" => "Zed",
            "idea" => "IntelliJ IDEA",
            "rider" or "Rider.Backend" => "Rider",
            "pycharm" => "PyCharm",
            "webstorm" => "WebStorm",
            "goland" => "GoLand",
            "clion" => "CLion",
            "rubymine" => "RubyMine",
            "phpstorm" => "PhpStorm",
            "rustrover" => "RustRover",
            "studio" => "Android Studio",
            "eclipse" => "Eclipse",
            "emacs" or "emacs-gtk" or "emacs-nox" or "emacs-pgtk" => "Emacs",
            "vim" or "vim.basic" or "nvim" or "gvim" => "Vim",
            // The part that runs on the remote side, with a node of its own.
            _ when path.Contains("/.vscode-server", StringComparison.Ordinal)
                || path.Contains("/.vscode-remote", StringComparison.Ordinal) => "VS Code",
            _ when path.Contains("/.cursor-server/", StringComparison.Ordinal) => "Cursor",
            // Started by a script, an IDE of JetBrains is a java that names its folders.
            "java" when process.Arguments.Any(static a => a.StartsWith("-Didea.paths.selector=", StringComparison.Ordinal)) =>
                "a JetBrains IDE",
            _ => null,
        };
    }
}

/// <summary>Which socket unit a service manager holds a socket for: the one that lists its address (systemd.socket(5)).</summary>
internal static class SocketUnitProvenance
{
    /// <summary>The unit; null for another process than a service manager, and where no unit lists the address.</summary>
    public static SocketUnitUse? Of(ProcessRecord process, HeldSocket socket, Snapshot snapshot) =>
        // Mostly there is none, and this is asked for each process of a listing.
        snapshot.SocketUnits.IsEmpty ? null : Find(process, socket, snapshot);

    private static SocketUnitUse? Find(ProcessRecord process, HeldSocket socket, Snapshot snapshot)
    {
        var units = snapshot.SocketUnits.Where(u => u.ManagerId == process.Id && u.Listens.Any(l => Lists(l, u.V6Only, socket)))
            .OrderBy(static u => u.IsEnabled ? 0 : 1).ThenBy(static u => u.Name, StringComparer.Ordinal).ToList();
        if (units.Count == 0)
            return null;
        var likely = units.Where(u => u.IsEnabled == units[0].IsEnabled).ToList();
        return new SocketUnitUse
        {
            Name = likely[0].Name,
            Service = likely[0].Service,
            IsUsers = process.Id != 1,
            Others = [.. likely.Skip(1).Select(static u => u.Name)],
        };
    }

    /// <summary>Whether a line of a unit opens this socket.</summary>
    internal static bool Lists(SocketUnitListen listen, bool? v6Only, HeldSocket socket)
    {
        var text = listen.Address;
        if (text.StartsWith('@'))
            text = AbstractName.Spell(Encoding.UTF8.GetBytes(text[1..]));
        if (text.StartsWith('/') || text.StartsWith('@'))
            return socket.Protocol == Protocol.Unix && socket.Path == text;
        if (listen.Kind != (socket.Protocol == Protocol.Udp ? SocketUnitKind.Datagram : SocketUnitKind.Stream)
            || socket.Protocol == Protocol.Unix)
            return false;
        // A bare port: [::], with IPv4 unless BindIPv6Only= says otherwise; 0.0.0.0 where the host has no IPv6.
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return port == socket.Local.Port
                && (socket.Local.Address == IpAddress.AnyIPv6 ? Agrees(v6Only, socket.V6Only)
                    : socket.Local.Address == IpAddress.AnyIPv4 && v6Only != true);
        }
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port != socket.Local.Port)
            return false;
        var host = text[..colon];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        var scope = host.IndexOf('%', StringComparison.Ordinal);
        return IpAddress.TryParse(scope < 0 ? host : host[..scope], out var address) && address == socket.Local.Address;
    }

    private static bool Agrees(bool? known, Fact held) =>
        known is null || held == Fact.Unknown || held == (known.Value ? Fact.Yes : Fact.No);
}
