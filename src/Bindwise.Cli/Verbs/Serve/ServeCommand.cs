using System.Net;
using Bindwise.Cli.Verbs.Recording;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Cli.Verbs.Serve;

/// <summary><c>bindwise serve</c>: its options, told once for parser and help alike.</summary>
internal sealed class ServeCommand : Verb
{
    public const string Name = "serve";

    public const string Description = "Show the ports of this host in a browser, and to programs.";

    private readonly ValueOption _ports =
        new("--port", "LIST", "The ports to try, in order: 9876 unless given; 9876,9877-9886; 0 for any that is free.");
    private readonly ValueOption _address =
        new("--address", "ADDR", "The address to serve: 127.0.0.1 unless given. Any but a loopback address needs a token, and "
            + "TLS or a proxy.");
    private readonly ValueOption _tokenFile =
        new("--token-file", "FILE", "Require a token: the first line of this file, which only you may read.");
    private readonly ValueOption _certificate = new("--tls-certificate", "FILE", "Serve HTTPS with this certificate (PEM).");
    private readonly ValueOption _key = new("--tls-key", "FILE", "The certificate's key (PEM), if it is not in the certificate's file.");
    private readonly Flag _behindProxy = new("--behind-tls-proxy", "A proxy speaks TLS with the clients, so plain HTTP is enough here.");
    private readonly ListOption _hosts =
        new("--allow-host", "NAME", "One more name by which this server is called (Host and Origin). Repeatable.");
    private readonly Flag _actions = new("--allow-actions", "Offer to free ports; what will be done is shown first.");
    private readonly ValueOption _prometheus =
        new("--prometheus", "URL", "Show the hosts of this Prometheus, such as http://127.0.0.1:9090.");
    private readonly ValueOption _otlp =
        new("--otlp", "URL", "Send metrics there by OTLP (HTTP, protobuf), such as http://127.0.0.1:4318/v1/metrics.");
    private readonly ValueOption _streams = new("--max-streams", "N", "Serve at most N event streams at once (256).");
    private readonly ValueOption _top =
        new("--metrics-top", "N", "Give the N largest label sets of each metric, and the rest as a sum (100).");
    private readonly Flag _namespaces =
        new("--all-namespaces", "Add metrics of every network namespace: failed binds and pressure, by container or pod.");
    private readonly StoreOption _directory = new();

    public ServeCommand()
        : base(Name, Description) =>
        Take(_ports, _address, _tokenFile, _certificate, _key, _behindProxy, _hosts, _actions, _prometheus, _otlp, _streams, _top,
            _namespaces, _directory);

    /// <inheritdoc/>
    public override HelpPage Help => ServeHelp.Of(Command);

    // Beside those of the other verbs, those that the web server has for connections and time limits.
    public override int NeededThreads => 12;

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var directory = _directory.Read(parsed, out var fault);
        var streams = ServeValues.Count(parsed.GetValue(_streams), 256, 100_000, _streams.Name, ref fault);
        var top = ServeValues.Count(parsed.GetValue(_top), 100, 10_000, _top.Name, ref fault);
        var ports = ServeValues.Ports(parsed.GetValue(_ports), ref fault);
        var address = ServeValues.Address(parsed.GetValue(_address), ref fault);
        var hosts = ServeValues.Hosts(parsed.GetValue(_hosts) ?? [], ref fault);
        var prometheus = ServeValues.Url(parsed.GetValue(_prometheus), _prometheus.Name, ref fault);
        var otlp = ServeValues.Url(parsed.GetValue(_otlp), _otlp.Name, ref fault);
        if (fault is not null)
            return Fault(fault);
        if (!OperatingSystem.IsLinux())
            return new ParseResult<VerbRun>(static (_, errors) =>
                errors.Fail("serve needs Linux; bindwise ls lists the ports in use"));
        var settings = new ServeSettings
        {
            Ports = ports,
            Address = address,
            TokenFile = parsed.GetValue(_tokenFile),
            CertificateFile = parsed.GetValue(_certificate),
            KeyFile = parsed.GetValue(_key),
            IsBehindTlsProxy = parsed.GetValue(_behindProxy),
            AllowedHosts = hosts,
            AllowsActions = parsed.GetValue(_actions),
            Prometheus = prometheus,
            Otlp = otlp,
            MostStreams = streams,
            MetricsTop = top,
            HasAllNamespaces = parsed.GetValue(_namespaces),
            RecordDirectory = directory,
            Version = ProgramVersion.Text,
        };
        return settings.WhyNot() is { } refusal ? Fault(refusal)
            : new ParseResult<VerbRun>(new ServeRun(settings).Serve);
    }
}

/// <summary>The values of the options.</summary>
internal static class ServeValues
{
    private const int MostHosts = 64;

    public static int Count(string? given, int otherwise, int most, string option, ref string? fault)
    {
        if (given is null)
            return otherwise;
        if (int.TryParse(given, System.Globalization.NumberStyles.None, null, out var number) && number >= 1 && number <= most)
            return number;
        fault ??= $"{option} {given} is not a number from 1 to {most}";
        return otherwise;
    }

    public static PortPolicy Ports(string? given, ref string? fault)
    {
        if (given is null)
            return PortPolicy.Exactly(9876);
        if (given == "0")
            return PortPolicy.SystemChoice;
        if (PortPolicy.TryParse(given, out var ports))
            return ports;
        fault ??= $"--port {given} is not a list of ports: give 9876, or 9876,9877-9886 to be tried in order";
        return PortPolicy.SystemChoice;
    }

    public static IPAddress Address(string? given, ref string? fault)
    {
        if (given is null or "localhost")
            return IPAddress.Loopback;
        if (IPAddress.TryParse(given.Trim('[', ']'), out var address) && !(given.All(char.IsAsciiDigit)))
            return address;
        fault ??= $"--address {given} is not an address: give one of this host's, as 127.0.0.1, ::1 or 192.0.2.7";
        return IPAddress.Loopback;
    }

    public static ImmutableArray<string> Hosts(string[] given, ref string? fault)
    {
        var bad = Array.Find(given, static name => Uri.CheckHostName(name.Trim('[', ']')) == UriHostNameType.Unknown);
        if (bad is not null)
            fault ??= $"--allow-host {bad} is not a host's name: give it without scheme and port, as ports.example.org";
        else if (given.Length > MostHosts)
            fault ??= $"--allow-host is given {given.Length} times: give at most {MostHosts}";
        return [.. given.Select(static name => name.Trim('[', ']').ToLowerInvariant())];
    }

    public static Uri? Url(string? given, string option, ref string? fault)
    {
        if (given is null)
            return null;
        if (Uri.TryCreate(given, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Fragment.Length == 0)
            return url;
        fault ??= $"{option} {given} is not an address: give one that begins with http:// or https://";
        return null;
    }
}

internal static class ServeHelp
{
    public static HelpPage Of(Command serve) =>
        new HelpPage("bindwise serve: a page with the ports of this host, live: who holds them, TCP states, pressure, failed binds, "
            + "history, the laboratory; the same as JSON for programs (/api/v1), and metrics for Prometheus (/metrics).")
            .Examples(
                "bindwise serve",
                "sudo bindwise serve --port 9876,9877-9886",
                "sudo bindwise serve --allow-actions",
                "bindwise serve --prometheus http://127.0.0.1:9090")
            .Usage("bindwise serve [options]")
            .Parameters(serve)
            .Text("It runs until Ctrl+C or SIGTERM, and prints its address. Without --allow-actions it only reads. "
                + "As root it sees every process and the binds that fail; as another user, your own.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "ended by SIGTERM or SIGHUP"),
                (ExitCode.Negative, "no port is free; it says what holds them"),
                (ExitCode.Error, "wrong usage; or a file cannot be read"),
                (ExitCode.Interrupted, "ended by Ctrl+C"));
}
