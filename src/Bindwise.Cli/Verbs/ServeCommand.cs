using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Dashboard.Hosting;
using Bindwise.Dashboard.Serving;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Cli.Verbs;

internal sealed class ServeCommand : Verb
{
    public const string Name = "serve";
    public const string Description = "Show the ports of this host in a browser, and to programs.";

    private const int MostHosts = 64;

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

    public override HelpPage Help =>
        new HelpPage("bindwise serve: a page with the ports of this host, live: who holds them, TCP states, pressure, failed binds, "
            + "history, the laboratory; the same as JSON for programs (/api/v1), and metrics for Prometheus (/metrics).")
            .Examples(
                "bindwise serve",
                "sudo bindwise serve --port 9876,9877-9886",
                "sudo bindwise serve --allow-actions",
                "bindwise serve --prometheus http://127.0.0.1:9090")
            .Usage("bindwise serve [options]")
            .Parameters(Command)
            .Text("It runs until Ctrl+C or SIGTERM, and prints its address. Without --allow-actions it only reads. "
                + "As root it sees every process and the binds that fail; as another user, your own.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "ended by SIGTERM or SIGHUP"),
                (ExitCode.Negative, "no port is free; it says what holds them"),
                (ExitCode.Error, "wrong usage; or a file cannot be read"),
                (ExitCode.Interrupted, "ended by Ctrl+C"));

    // Beside those of the other verbs, those that the web server has for connections and time limits.
    public override int NeededThreads => 12;

    public override VerbRun Read(ParseResult parsed)
    {
        var directory = _directory.Read(parsed);
        var streams = ReadCount(parsed, _streams, 256, 100_000);
        var top = ReadCount(parsed, _top, 100, 10_000);
        var ports = ReadPorts(parsed.GetValue(_ports));
        var address = ReadAddress(parsed.GetValue(_address));
        var hosts = ReadHosts(parsed.GetValue(_hosts) ?? []);
        var (prometheus, otlp) = (ReadUrl(parsed, _prometheus), ReadUrl(parsed, _otlp));
        if (!OperatingSystem.IsLinux())
            return static (_, errors) => errors.Fail("serve needs Linux; bindwise ls lists the ports in use");
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
        return settings.WhyNot() is { } refusal ? throw new UsageException(refusal) : new ServeRun(settings).Serve;
    }

    private static int ReadCount(ParseResult parsed, ValueOption option, int otherwise, int most) =>
        parsed.GetValue(option) is not { } given ? otherwise
            : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
            : throw new UsageException($"{option.Name} {given} is not a number from 1 to {most}");

    private static PortPolicy ReadPorts(string? given) => given switch
    {
        null => PortPolicy.Exactly(9876),
        "0" => PortPolicy.SystemChoice,
        _ => PortPolicy.TryParse(given, out var ports) ? ports : throw new UsageException(
            $"--port {given} is not a list of ports: give 9876, or 9876,9877-9886 to be tried in order"),
    };

    private static IPAddress ReadAddress(string? given) => given is null or "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(given.Trim('[', ']'), out var address) && !given.All(char.IsAsciiDigit) ? address
        : throw new UsageException($"--address {given} is not an address: give one of this host's, as 127.0.0.1, ::1 or 192.0.2.7");

    private static ImmutableArray<string> ReadHosts(string[] given)
    {
        if (Array.Find(given, static name => Uri.CheckHostName(name.Trim('[', ']')) == UriHostNameType.Unknown) is { } bad)
            throw new UsageException(
                $"--allow-host {bad} is not a host's name: give it without scheme and port, as ports.example.org");
        return given.Length <= MostHosts ? [.. given.Select(static name => name.Trim('[', ']').ToLowerInvariant())]
            : throw new UsageException($"--allow-host is given {given.Length} times: give at most {MostHosts}");
    }

    private static Uri? ReadUrl(ParseResult parsed, ValueOption option) => parsed.GetValue(option) is not { } given ? null
        : Uri.TryCreate(given, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Fragment.Length == 0 ? url
        : throw new UsageException($"{option.Name} {given} is not an address: give one that begins with http:// or https://");
}

[SupportedOSPlatform("linux")]
internal sealed class ServeRun(ServeSettings settings)
{
    public ExitCode Serve(AnswerStream output, ErrorLines errors) =>
        WebRuntime.IsThere ? ServeOnWebRuntime(output, errors) : errors.Fail(WebRuntime.StartAnew());

    // By itself: what it calls is compiled only when that runtime is there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ExitCode ServeOnWebRuntime(AnswerStream output, ErrorLines errors)
    {
        if (AccessRules.Read(settings, out var fault) is not { } access)
            return errors.Fail(fault!);
        using var ended = new ManualResetEventSlim();
        var code = ExitCode.Success;
        using var signals = Interruption.Ends(End);
        DashboardServer server;
        try
        {
            server = DashboardServer.StartAsync(settings, access, errors.Write).GetAwaiter().GetResult();
        }
        catch (BindException exception)
        {
            return Explain(exception, errors);
        }
        catch (SocketActivationException exception)
        {
            return errors.Fail(exception.Data["Bindwise.LeftOver"] is string sockets
                ? $"a socket was passed that is not at the address and port to serve: {sockets}; give those as --address and --port"
                : exception.Message.TrimEnd('.'));
        }
        if (settings.HasAllNamespaces && EffectiveIds.User() != 0)
            errors.Write("--all-namespaces needs root: what this user may not enter is left out (bindwise_namespaces_omitted)");
        output.Write(server.Address + "\n");
        // Nobody else learns it.
        if (output.Fault is not null)
            ended.Set();
        ended.Wait();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return code;

        void End(ExitCode with)
        {
            code = with;
            ended.Set();
        }
    }

    // Nothing that reads the address from standard output takes an explanation for one.
    private static ExitCode Explain(BindException exception, ErrorLines errors)
    {
        if (exception.Diagnosis is not { } diagnosis)
        {
            errors.Write(exception.Message);
            return exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? ExitCode.Negative : ExitCode.Error;
        }
        errors.WriteAnswer(TextOutput.Format(DiagnosisText.Render(diagnosis, new TextOptions(Terminal.Detect().Width)), isColoured: false));
        return ExitCode.Negative;
    }
}

/// <summary>
/// The .NET tool starts on the plain runtime, which is all that the other verbs need. <c>serve</c> needs ASP.NET Core's as well, and
/// starts the program anew with a configuration that names it; the process stays the same one. The native program has all of it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class WebRuntime
{
    private const string Framework = "Microsoft.AspNetCore.App";
    private const string Configuration = "serve.runtimeconfig.json";

    /// <summary>This process has ASP.NET Core's runtime.</summary>
    public static bool IsThere => AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is not string assemblies
        || assemblies.Contains("/Microsoft.AspNetCore.Server.Kestrel.Core.dll", StringComparison.Ordinal);

    /// <summary>Starts the program anew with it; returns only where that cannot be.</summary>
    /// <returns>What is missing, one line.</returns>
    public static string StartAnew()
    {
        // As /usr/share/dotnet of /usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.12/.
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var frameworks = Path.Combine(root, "shared", Framework);
        var major = $"{Environment.Version.Major}.";
        if (!Directory.Exists(frameworks)
            || !Directory.EnumerateDirectories(frameworks).Any(one => Path.GetFileName(one).StartsWith(major, StringComparison.Ordinal)))
            return $"serve needs the ASP.NET Core runtime {major}0, which {root} lacks: install it "
                + $"(Debian, Ubuntu: aspnetcore-runtime-{major}0), or take the native program, which needs no runtime (docs/install.md)";
        var count = Environment.GetCommandLineArgs().Length - 1;
        if (RawArguments.Read(count) is not { } arguments)
            return "serve cannot start with the ASP.NET Core runtime: /proc does not tell this program's arguments";
        var home = AppContext.BaseDirectory;
        string[] start =
        [
            Path.Combine(root, "dotnet"), "exec", "--runtimeconfig", Path.Combine(home, Configuration),
            Path.Combine(home, typeof(WebRuntime).Assembly.GetName().Name + ".dll"),
        ];
        var why = ProcessReplacement.Become([.. start.Select(Encoding.UTF8.GetBytes), .. arguments], out _);
        return $"serve cannot start with the ASP.NET Core runtime: {start[0]}: {why}";
    }
}
