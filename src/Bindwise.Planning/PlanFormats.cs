using Bindwise.Planning.Formats;
using Bindwise.Planning.Formats.Commands;
using Bindwise.Planning.Formats.Compose;
using Bindwise.Planning.Formats.Containers;
using Bindwise.Planning.Formats.DotNet;
using Bindwise.Planning.Formats.Proxies;
using Bindwise.Planning.Formats.Systemd;

namespace Bindwise.Planning;

internal static class PlanFormats
{
    /// <summary>Every id: what <c>--as</c> takes.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        ComposeReader.Format, SocketUnitFileReader.Format, ServiceUnitReader.Format, ProcfileReader.Format, PackageReader.Format,
        DotEnv.Format, LaunchSettingsReader.Format, AppSettingsReader.Format, NginxReader.Format, HaproxyReader.Format,
        KubernetesReader.Format, DevContainerReader.Format,
    ];

    /// <summary>What a file that was read whole and names no port of the host lacks; null for a format that has no such word.</summary>
    public static string? WhyNoPorts(string format) => format switch
    {
        ComposeReader.Format => "its services publish no fixed port (ports)",
        PackageReader.Format => "no script of it names a port",
        ProcfileReader.Format => "no web process, and no command that names a port",
        DevContainerReader.Format => "no appPort, no forwardPorts, and no -p in runArgs",
        KubernetesReader.Format => "no pod or Service of it has a hostPort, a nodePort or hostNetwork",
        AppSettingsReader.Format or LaunchSettingsReader.Format => "no URL with a port",
        NginxReader.Format => "no listen of a server",
        HaproxyReader.Format => "no bind with a port",
        ServiceUnitReader.Format => "neither ExecStart= nor Environment= names a port that is read here",
        SocketUnitFileReader.Format => "no ListenStream= or ListenDatagram= with a port",
        _ => null,
    };

    /// <summary>The format that a path alone tells; null where it tells none, or where only the text would.</summary>
    public static string? OfPath(string path)
    {
        var name = PlanPath.NameOf(UnitText.UnitOf(path));
        bool Ends(string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
        return name switch
        {
            "package.json" => PackageReader.Format,
            "launchSettings.json" => LaunchSettingsReader.Format,
            "devcontainer.json" or ".devcontainer.json" => DevContainerReader.Format,
            "Procfile" => ProcfileReader.Format,
            "nginx.conf" => NginxReader.Format,
            "haproxy.cfg" => HaproxyReader.Format,
            ".env" => DotEnv.Format,
            _ when name.StartsWith("Procfile.", StringComparison.Ordinal) || Ends(".procfile") => ProcfileReader.Format,
            // Samples of .env are to be copied; they are not read by any program.
            _ when name.StartsWith(".env.", StringComparison.Ordinal) =>
                Ends("example") || Ends("sample") || Ends("template") || Ends("dist") || Ends("defaults") ? null : DotEnv.Format,
            _ when IsCompose(name) => ComposeReader.Format,
            _ when name.StartsWith("appsettings.", StringComparison.OrdinalIgnoreCase) && Ends(".json") => AppSettingsReader.Format,
            _ when Ends(".socket") => SocketUnitFileReader.Format,
            _ when Ends(".service") => ServiceUnitReader.Format,
            _ when name.StartsWith("haproxy", StringComparison.OrdinalIgnoreCase) && Ends(".cfg") => HaproxyReader.Format,
            // Nothing of it is loaded: what is in use has a link in sites-enabled, and hidden files fit no pattern of an include (glob(3)).
            _ when PlanPath.NameOf(PlanPath.FolderOf(path)) == "sites-available" || name.StartsWith('.') => null,
            _ when Ends(".nginx") || Ends(".nginx.conf")
                || (name.StartsWith("nginx", StringComparison.OrdinalIgnoreCase) && Ends(".conf")) => NginxReader.Format,
            _ => null,
        };
    }

    /// <summary>
    /// The format that a file found there has if its text looks like it; null for none. YAML may be Kubernetes', and what is in these
    /// folders nginx's, or that of another program.
    /// </summary>
    public static string? LikelyOf(string path)
    {
        bool Ends(string ending) => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
        return Ends(".yaml") || Ends(".yml") ? KubernetesReader.Format
            : !PlanPath.NameOf(path).StartsWith('.') && PlanPath.NameOf(PlanPath.FolderOf(path)) is var parent
                && (parent == "sites-enabled" || (parent is "nginx" or "conf.d" && Ends(".conf"))) ? NginxReader.Format : null;
    }

    /// <summary>The format that a text looks like; null for none. For files whose name tells nothing.</summary>
    public static string? OfText(string path, string text)
    {
        bool Names(string key, StringComparison comparison = StringComparison.Ordinal) => text.Contains($"\"{key}\"", comparison);
        return HasLine(text, "apiVersion:") && HasLine(text, "kind:") ? KubernetesReader.Format
            : HasLine(text, "services:") ? ComposeReader.Format
            : HasLine(text, "[Socket]") ? SocketUnitFileReader.Format
            : HasLine(text, "[Service]") ? ServiceUnitReader.Format
            : text.TrimStart() is not ['{', ..]
                ? NginxReader.MainBlocks.Append("server").Any(block => HasLine(text, block, isBlock: true)) ? NginxReader.Format
                    : HasLine(text, "frontend ") || HasLine(text, "listen ") ? HaproxyReader.Format : null
            : Names("applicationUrl") ? LaunchSettingsReader.Format
            : Names("forwardPorts") || Names("appPort") ? DevContainerReader.Format
            : Names("scripts") ? PackageReader.Format
            : Names("Kestrel", StringComparison.OrdinalIgnoreCase) || Names("Urls", StringComparison.OrdinalIgnoreCase)
                ? AppSettingsReader.Format : null;
    }

    /// <summary>compose.yaml, docker-compose.yml, and those with a word between, as compose.prod.yaml.</summary>
    internal static bool IsCompose(string name)
    {
        var stem = name.EndsWith(".yaml", StringComparison.Ordinal) ? name[..^5]
            : name.EndsWith(".yml", StringComparison.Ordinal) ? name[..^4] : "";
        return stem is "compose" or "docker-compose" || stem.StartsWith("compose.", StringComparison.Ordinal)
            || stem.StartsWith("docker-compose.", StringComparison.Ordinal)
            || stem.StartsWith("docker-compose-", StringComparison.Ordinal);
    }

    // Only what stands at the start of a line is the file's own: what is set in is part of something else.
    private static bool HasLine(string text, string beginning, bool isBlock = false)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            // A block's brace may stand in the next line.
            if (line.StartsWith(beginning, StringComparison.Ordinal) && (!isBlock || line[beginning.Length..].Trim() is [] or ['{', ..]))
                return true;
        }
        return false;
    }
}
