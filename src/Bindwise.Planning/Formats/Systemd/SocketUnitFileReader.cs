using Bindwise.Model.Text;
using Bindwise.Planning.Formats.Commands;
using Bindwise.Planning.Formats.DotNet;

namespace Bindwise.Planning.Formats.Systemd;

/// <summary>Socket units (systemd.socket(5)).</summary>
internal sealed class SocketUnitFileReader(PlanContext context)
{
    public const string Format = "systemd-socket";

    private static readonly HashSet<string> ListenKeys =
    [
        "ListenStream", "ListenDatagram", "ListenSequentialPacket", "ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue",
        "ListenUSBFunction",
    ];

    public void Read(string file)
    {
        var listens = new List<UnitSetting>();
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in UnitText.Read(context, file, "Socket", Format))
        {
            if (setting.Key.StartsWith("Listen", StringComparison.Ordinal) && !ListenKeys.Contains(setting.Key))
                context.Warn("unknown-key", $"{setting.Key} is not a key of a socket unit; systemd ignores it", setting.Location);
            else if (!ListenKeys.Contains(setting.Key))
                options[setting.Key] = setting.Value;
            else if (setting.Value.Length == 0)
                // An empty assignment empties the whole list, whichever of the keys it has.
                listens.Clear();
            else
                listens.Add(setting);
        }
        foreach (var listen in listens)
            Add(listen, file, options);
    }

    private void Add(UnitSetting listen, string file, Dictionary<string, string> options)
    {
        var unit = PlanPath.NameOf(file);
        if (listen.Key is not ("ListenStream" or "ListenDatagram" or "ListenSequentialPacket"))
            return;
        if (listen.Value.Contains('%', StringComparison.Ordinal)
            && (unit.Contains('@', StringComparison.Ordinal) || !listen.Value.StartsWith('[')))
        {
            context.Warn("not-understood", $"{listen.Key}={listen.Value} of {unit} has a specifier, whose value is not in the file",
                listen.Location, PlanLevel.Note);
            return;
        }
        var protocol = listen.Key == "ListenDatagram" ? Protocol.Udp : Protocol.Tcp;
        if (BindsOf(listen.Value, protocol, options) is not { } binds)
        {
            context.Warn("not-understood",
                $"{listen.Key}={listen.Value} of {unit} is not an address: write 8080, 127.0.0.1:8080, [::1]:8080, /path or @name",
                listen.Location);
            return;
        }
        // SCTP and UDP-Lite have ports of their own; and an address with packets in sequence is one of SCTP.
        var isOfOthers = listen.Key == "ListenSequentialPacket" || options.GetValueOrDefault("SocketProtocol") is "sctp" or "udplite";
        if (binds.IsEmpty || (isOfOthers && binds[0].Path is null))
            return;
        context.Add(new PlannedPort
        {
            Format = Format,
            Location = listen.Location,
            Name = unit,
            Text = $"{listen.Key}={listen.Value}",
            Binds = binds,
            // It unlinks what is at the path, and binds again (socket_address_listen() of systemd).
            ReplacesFile = binds[0].Path is ['/', ..],
            IsPrivilegedProgram = true,
            Alternatives = UnitText.AlternativesOf(file),
        });
    }

    private static ImmutableArray<BindRequest>? BindsOf(string value, Protocol protocol, Dictionary<string, string> options)
    {
        bool IsOn(string key) => UnitText.IsOn(options.GetValueOrDefault(key));
        var binder = Binder.Systemd with { ReusePort = IsOn("ReusePort") };
        if (value is ['/' or '@', _, ..])
            return [binder.Unix(value)];
        if (value.StartsWith("vsock:", StringComparison.Ordinal))
            return [];
        bool? v6Only = options.GetValueOrDefault("BindIPv6Only") switch
        {
            "both" => false,
            "ipv6-only" => true,
            _ => null,
        };
        // "default" is net.ipv6.bindv6only, which is 0 unless somebody set it.
        var bind = PortWords.Port(value) is { } port ? binder.Bind(protocol, IpAddress.AnyIPv6, port, v6Only)
            : Addressed(value, protocol, binder, v6Only);
        return bind is null ? null : [bind with { Device = options.GetValueOrDefault("BindToDevice") is { Length: > 0 } device ? device
            : null, Freebind = IsOn("FreeBind") }];
    }

    // 127.0.0.1:80, [::1]:80, [fe80::1]:80%eth0.
    private static BindRequest? Addressed(string value, Protocol protocol, Binder binder, bool? v6Only)
    {
        var scoped = value.Split('%');
        var colon = scoped[0].LastIndexOf(':');
        if (colon <= 0 || scoped.Length > 2 || PortWords.Port(scoped[0][(colon + 1)..]) is not { } port)
            return null;
        var host = scoped[0][..colon];
        var isIPv6 = host is ['[', .., ']'];
        return IpAddress.TryParse(isIPv6 ? host[1..^1] : host, out var address) && (address.Family == IpFamily.IPv6) == isIPv6
            ? binder.Bind(protocol, address, port, v6Only) with { Scope = scoped.Length == 2 ? scoped[1] : null }
            : null;
    }
}

/// <param name="Value">The value; empty to reset a list.</param>
internal readonly record struct UnitSetting(string Key, string Value, PlanLocation Location);

/// <summary>
/// The assignments of one section of a unit: of its file, where there is one, and of its drop-ins X.d/*.conf in the order of their names
/// (systemd.unit(5), systemd.syntax(7)).
/// </summary>
internal static class UnitText
{
    private const int MostDropIns = 64;

    /// <summary>The path of the unit that a file is of: a drop-in's is that of its folder, unless that is for many units.</summary>
    public static string UnitOf(string file) => PlanPath.FolderOf(file) is [.. var unit, '.', 'd'] && IsUnit(unit)
        && !unit[..unit.LastIndexOf('.')].EndsWith('-') && IsDropIn(PlanPath.NameOf(file)) ? unit : file;

    /// <summary>
    /// A unit of the same name in two folders is one unit, of which systemd takes one file; and units start what is installed, instead of
    /// what a folder's own files start from there.
    /// </summary>
    public static ImmutableArray<PlanAlternative> AlternativesOf(string file) =>
    [
        new PlanAlternative("unit " + PlanPath.NameOf(file), file),
        PlanAlternative.OfProgram("", "installed", isOfAllBelow: true),
    ];

    public static bool IsOn(string? value) => value?.ToLowerInvariant() is "1" or "yes" or "y" or "true" or "t" or "on";

    public static List<UnitSetting> Read(PlanContext context, string file, string section, string? format)
    {
        var settings = new List<UnitSetting>();
        if (context.Read(file, format) is { } text)
            Add(text, file, section, settings, context);
        // By file name over all folders.
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var unit = PlanPath.NameOf(file);
        foreach (var name in IsUnit(unit) ? UnitDropIns.FoldersOf(unit) : [unit + ".d"])
        {
            var folder = PlanPath.Combine(PlanPath.FolderOf(file), name);
            foreach (var part in context.Files.List(folder).Where(IsDropIn))
                parts.TryAdd(part, PlanPath.Combine(folder, part));
        }
        foreach (var path in parts.Values.Take(MostDropIns))
        {
            if (context.Read(path, format) is { } dropIn)
                Add(dropIn, path, section, settings, context);
        }
        return settings;
    }

    /// <summary>What is assigned to a key since its list was emptied last.</summary>
    public static IEnumerable<UnitSetting> ListOf(List<UnitSetting> settings, string key)
    {
        var all = settings.FindAll(setting => setting.Key == key);
        return all.Skip(all.FindLastIndex(static setting => setting.Value.Length == 0) + 1);
    }

    private static bool IsUnit(string name) =>
        name.EndsWith(".service", StringComparison.Ordinal) || name.EndsWith(".socket", StringComparison.Ordinal);

    // Hidden ones are left out, as by systemd (hidden_or_backup_file()); units may be hidden.
    private static bool IsDropIn(string name) => PlanPath.Matches(name, "*.conf");

    private static void Add(string text, string file, string section, List<UnitSetting> settings, PlanContext context)
    {
        var isIn = false;
        foreach (var (number, line) in ConfigurationLines.Of(WithoutComments(text), continues: true))
        {
            var content = line.Trim();
            if (content.Length == 0)
                continue;
            if (content is ['[', .., ']'])
            {
                isIn = content[1..^1] == section;
                continue;
            }
            var equals = content.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && isIn)
                settings.Add(new UnitSetting(content[..equals].TrimEnd(), content[(equals + 1)..].Trim(), new PlanLocation(file, number)));
            else if (equals <= 0)
                context.Warn("not-understood", "this line is neither a section nor an assignment; systemd ignores it",
                    new PlanLocation(file, number));
        }
    }

    // A comment between continued lines is left out there; the line stays, so that numbers hold.
    private static string WithoutComments(string text)
    {
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].TrimStart() is ['#' or ';', ..])
                lines[index] = index > 0 && lines[index - 1].TrimEnd('\r') is [.., '\\'] ? "\\" : "";
        }
        return string.Join('\n', lines);
    }
}

/// <summary>
/// Service units (systemd.service(5)): PORT in its environment, and the port option in ExecStart= of programs whose options are known.
/// A service that a socket unit starts gets its sockets from there, so nothing is read of it.
/// </summary>
internal sealed class ServiceUnitReader(PlanContext context)
{
    public const string Format = "systemd-service";
    private const string Urls = "ASPNETCORE_URLS";

    // By folder: the units that a socket unit there starts, each with that one.
    private readonly Dictionary<string, Dictionary<string, string>> _started = new(StringComparer.Ordinal);

    public void Read(string file)
    {
        var settings = UnitText.Read(context, file, "Service", Format);
        var socket = settings.FindLast(static setting => setting.Key == "Sockets").Value;
        if (socket is { Length: > 0 } || StartedIn(PlanPath.FolderOf(file)).TryGetValue(TemplateOf(PlanPath.NameOf(file)), out socket))
        {
            context.WhyNone[file] = $"it gets its sockets from {socket}";
            return;
        }
        var environment = EnvironmentOf(settings, file);
        var values = environment.ToDictionary(static one => one.Key, static one => one.Value.Value, StringComparer.Ordinal);
        var isReported = false;
        var isOneShot = settings.FindLast(static setting => setting.Key == "Type").Value == "oneshot";
        foreach (var command in UnitText.ListOf(settings, "ExecStart"))
        {
            var ports = CommandPorts.Read(CommandLineWords.SplitSetting(command.Value.TrimStart('@', '-', ':', '+', '!', '|')), values);
            isReported |= ports.Count + ports.Unclear > 0;
            // Those run one after the other; of another type systemd refuses the second.
            ImmutableArray<PlanAlternative> turn = isOneShot ? [new("ExecStart of " + file, $"{command.Location}")] : [];
            foreach (var found in ports.All())
            {
                Add(file, found.Text, found.Binds(Binder.Engine), command.Location,
                    found.CertaintyIn(PlanPath.FolderOf(file), context), turn);
            }
        }
        // The option of a server goes before the variables.
        if (isReported)
            return;
        if (environment.TryGetValue(Urls, out var urls))
        {
            foreach (var url in urls.Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (KestrelUrl.Binds(url) is { } binds)
                    Add(file, $"{Urls}={url}", binds, urls.Location);
            }
        }
        else if (environment.TryGetValue("PORT", out var variable) && PortWords.Port(variable.Value) is { } port)
            Add(file, $"PORT={port}", Binder.Engine.DualStack(Protocol.Tcp, port), variable.Location);
    }

    /// <summary>
    /// The variables, each with the line that sets it. A file's go before the unit's own, and UnsetEnvironment= is last (systemd.exec(5)).
    /// </summary>
    private Dictionary<string, (string Value, PlanLocation Location)> EnvironmentOf(List<UnitSetting> settings, string unit)
    {
        var environment = new Dictionary<string, (string Value, PlanLocation)>(StringComparer.Ordinal);
        foreach (var setting in UnitText.ListOf(settings, "Environment"))
        {
            foreach (var word in CommandLineWords.SplitSetting(setting.Value))
            {
                if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                    environment[word[..at]] = (word[(at + 1)..], setting.Location);
            }
        }
        foreach (var setting in UnitText.ListOf(settings, "EnvironmentFile"))
        {
            var path = setting.Value is ['-', .. var optional] ? optional : setting.Value;
            // What a specifier stands for may be absolute.
            if (path is not ['/' or '%', ..])
            {
                context.Warn("not-understood",
                    $"{setting.Key}={setting.Value} of {PlanPath.NameOf(unit)} is not an absolute path; systemd ignores it",
                    setting.Location, PlanLevel.Note);
                continue;
            }
            path = context.Files.Relative(path);
            if (context.IsOutside(path) || context.IsMissing(path))
                context.Warn("not-understood",
                    $"{setting.Key}={setting.Value} of {PlanPath.NameOf(unit)} is not in the folder: its variables are not known",
                    setting.Location, PlanLevel.Note);
            foreach (var (name, value) in EnvironmentFile.Read(context.Read(path, null, isOurs: false) ?? ""))
                environment[name] = (value, setting.Location);
        }
        foreach (var word in UnitText.ListOf(settings, "UnsetEnvironment")
            .SelectMany(static one => CommandLineWords.SplitSetting(one.Value)))
        {
            var name = word.Split('=')[0];
            // With a value it removes that one alone.
            if (environment.TryGetValue(name, out var set) && (word == name || word == $"{name}={set.Value}"))
                environment.Remove(name);
        }
        return environment;
    }

    private Dictionary<string, string> StartedIn(string folder)
    {
        if (_started.TryGetValue(folder, out var known))
            return known;
        var started = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in context.Files.List(folder).Where(static name => name.EndsWith(".socket", StringComparison.Ordinal)))
        {
            // What is wrong with it is told where it is read.
            context.ReadApart(() => UnitText.Read(context, PlanPath.Combine(folder, name), "Socket", null), out var settings);
            string? Last(string key) => settings.FindLast(setting => setting.Key == key).Value;
            // With Accept= an instance of a template for each connection.
            started[TemplateOf(Last("Service") is { Length: > 0 } service ? service
                : PlanPath.WithoutEnding(name, ".socket") + (UnitText.IsOn(Last("Accept")) ? "@.service" : ".service"))] = name;
        }
        return _started[folder] = started;
    }

    /// <summary>The template of an instance, as a@.service of a@1.service; another unit as it is.</summary>
    private static string TemplateOf(string unit) =>
        unit.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? unit[..(at + 1)] + ".service" : unit;

    private void Add(string file, string text, ImmutableArray<BindRequest> binds, PlanLocation at,
        PlanCertainty certainty = PlanCertainty.Stated, params ImmutableArray<PlanAlternative> turn) => context.Add(new PlannedPort
        {
            Format = Format,
            Location = at,
            Name = PlanPath.NameOf(file),
            Text = text,
            Binds = binds,
            Certainty = certainty,
            IsPrivilegedProgram = true,
            Alternatives = [.. UnitText.AlternativesOf(file), .. turn],
        });
}
