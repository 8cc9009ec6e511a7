using Bindwise.Linux.Sysctls;
using Bindwise.Model.Planning;
using Bindwise.Model.Targets;
using Bindwise.Planning;
using Bindwise.Rendering.Planning;

namespace Bindwise.Cli.Verbs;

/// <param name="Files">Files and folders; empty for the current folder.</param>
/// <param name="Format">The format of the files; null to tell it from each.</param>
/// <param name="Profiles">The compose profiles that are enabled together; null for each by itself.</param>
internal sealed record PlanRequest(ImmutableArray<string> Files, string? Format, ImmutableArray<string>? Profiles, KernelRelease Kernel,
    bool IsHere, bool IsJson, bool IsSarif, Detail Detail);

internal sealed class PlanCommand : Verb
{
    public const string Name = "plan";
    public const string Description = "Check files that name ports for collisions, before anything runs.";

    private readonly Argument<string[]> _files = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Files, or folders to search; without one the current folder. - is standard input, with --as. Compose files of one "
            + "folder that are named are merged in their order.",
    };

    private readonly ChoiceOption<int> _as = new("--as", "FORMAT",
        $"Read the files as one format, whatever their names: {string.Join(", ", FormatIds)}.", "not a known format",
        [.. FormatIds.Select(static (id, index) => (id, index))]);
    private readonly ValueOption _profile = new("--profile", "NAMES",
        "Enable these compose profiles together, with commas; * for all. Without it: those of COMPOSE_PROFILES in .env, and each other one "
            + "by itself.");
    private readonly KernelOption _kernel =
        new($"Decide by the rules of this release of Linux, as 6.1. Default: {KernelRelease.Documented}.");
    private readonly Flag _here = new("--here", "Also compare with what listens on this host now.");
    private readonly Flag _json = new("--json", "Print one line of JSON.");
    private readonly Flag _sarif = new("--sarif", "Print SARIF 2.1.0, for tools that show findings next to source code.");
    private readonly Flag _verbose = new("--verbose", "Also show notes, and every file and port.", "-v");
    private readonly Flag _quiet = new("--quiet", "Print the first line only.", "-q");

    public PlanCommand() : base(Name, Description) => Take(_files, _as, _profile, _kernel, _here, _json, _sarif, _verbose, _quiet);

    // Told here once more, so that the help of other verbs loads nothing of the readers; a test compares them.
    internal static ImmutableArray<string> FormatIds { get; } =
        ["compose", "systemd-socket", "systemd-service", "procfile", "package-json", "env", "launch-settings", "app-settings", "nginx",
            "haproxy", "kubernetes", "devcontainer"];

    public override VerbRun Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_files) ?? [];
        var format = _as.Read(parsed);
        var kernel = _kernel.Read(parsed);
        if (files.Contains("-") && (format is null || files.Length > 1))
            throw new UsageException(format is null ? "- needs --as FORMAT, since standard input has no name"
                : "- stands alone: give files, or standard input");
        if (files.Contains(""))
            throw new UsageException("\"\" is not a file name");
        var profiles = parsed.GetValue(_profile)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var request = new PlanRequest([.. files], format is { } index ? FormatIds[index] : null, profiles is null ? null : [.. profiles],
            kernel ?? KernelRelease.Documented, parsed.GetValue(_here), parsed.GetValue(_json), parsed.GetValue(_sarif),
            parsed.GetValue(_quiet) ? Detail.Quiet : parsed.GetValue(_verbose) ? Detail.Verbose : Detail.Normal);
        Flag.AllowOne(parsed, _json, _sarif);
        Flag.AllowOne(parsed, _quiet, _verbose);
        return (output, errors) => new PlanRun(request, output, errors).Check();
    }

    public override HelpPage Help =>
        new HelpPage("bindwise plan: which ports of the files in a folder collide, by which rule of the kernel, and which a connection may "
            + "take first.")
            .Examples(
                "bindwise plan",
                "bindwise plan compose.yaml",
                "bindwise plan --profile dev,test --here",
                "bindwise plan nginx.conf haproxy.cfg",
                "kubectl get svc,ds -A -o yaml | bindwise plan --as kubernetes -",
                "bindwise plan --sarif > bindwise.sarif")
            .Usage("bindwise plan [options] [FILE...]")
            .Parameters(Command)
            .Text("It reads compose files, systemd socket and service units, Procfiles, package.json, .env, launchSettings.json, "
                + "appsettings.json, nginx and haproxy configurations, Kubernetes objects and devcontainer.json. It only reads, and starts "
                + "nothing. What it reads of each, and which ports are never open together: docs/plan.md.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "every file was read, and no ports collide"),
                (ExitCode.Negative, "at least two collide, or, with --here, one is in use"),
                (ExitCode.Error, "wrong usage, a file that cannot be read as a whole, nothing that names a port, or an unknown profile; "
                    + "this comes before 1"),
                (ExitCode.Interrupted, "interrupted"));
}

internal sealed class PlanRun(PlanRequest request, AnswerStream output, ErrorLines errors)
{
    private const int MostProfiles = 8;

    private ExitCode _worst = ExitCode.Success;

    public ExitCode Check()
    {
        using var interruption = Interruption.EndsFirstProcess(errors);
        if (!HasFolder())
        {
            Fail("the folder in which this runs was removed: change to another one");
            return _worst;
        }
        var folder = new PlanFolder();
        var files = Find(folder);
        var input = PlanReader.Read(files, folder);
        if (folder.IsCut)
            Fail("the folder holds more files than are read: name the files or folders that matter");
        foreach (var (unlisted, why, isNamed) in folder.Unlisted)
        {
            if (isNamed)
                Fail($"{unlisted} cannot be listed: {why}");
        }
        // What a container keeps beside its compose file is often its own user's.
        if (folder.Unlisted.Where(static one => !one.IsNamed).ToList() is [var (first, reason, _), .. var more])
            errors.Write($"{first}{(more.Count == 0 ? " is" : FormattableString.Invariant($" and {more.Count} more are"))} left out: "
                + reason);
        if (input.Sources.IsEmpty)
        {
            foreach (var remark in input.Remarks.Take(8))
                errors.Write(remark.Location is { } at ? $"{at}: {remark.Text}" : remark.Text);
            if (_worst == ExitCode.Success)
                errors.Write($"no file that names ports was found in "
                    + $"{(request.Files.IsEmpty ? "this folder" : string.Join(", ", request.Files))}; bindwise plan --help says what is "
                    + "read");
            return ExitCode.Error;
        }
        var (plan, settings) =
            PlanCheck.Of(input, request.Profiles, request.IsHere ? PlanCheck.TryList(input, Fail) : null, request.Kernel,
                () => PlanCheck.TryList(input));
        Show(plan, settings);
        FailUnlessAllWasCompared(input, plan);
        return plan.Conflicts.IsEmpty ? _worst : ExitCodes.Worst(_worst, ExitCode.Negative);
    }

    /// <summary>Nobody may take what could not be compared for ports that do not collide.</summary>
    private void FailUnlessAllWasCompared(PlanInput input, PortPlan plan)
    {
        if (PlanCheck.WhyNotAll(input, plan) is { } why)
            Fail(why);
        var known = input.Profiles.Take(MostProfiles).ToList();
        foreach (var name in (request.Profiles ?? []).Where(name => name != "*" && !input.Profiles.Contains(name)).Take(MostProfiles))
            Fail($"no file has a profile {name}{(known.Count == 0 ? "" : $"; profiles there: {string.Join(", ", known)}")}");
    }

    private List<PlanFile> Find(PlanFolder folder)
    {
        if (request.Files.IsEmpty)
            return folder.AddFolder(".");
        var found = new List<PlanFile>();
        foreach (var path in request.Files)
        {
            if (path == "-")
            {
                if (ReadInput() is { } text)
                    found.Add(folder.AddInput(text, request.Format!));
            }
            else if (path.Contains('\0', StringComparison.Ordinal))
                Fail($"{path} is not a file name");
            else if (Directory.Exists(path))
                found.AddRange(folder.AddFolder(path)
                    .Select(file => request.Format is null ? file : file with { Format = request.Format }));
            else if (folder.AddFile(path, request.Format) is var file && folder.Read(file.Path) is { Text: null, Fault: var fault })
                Fail($"cannot read {path}: {fault ?? "no such file or folder"}");
            else
                found.Add(file);
        }
        // However it is spelled, a file is one.
        return [.. found.DistinctBy(static file => Path.GetFullPath(file.Path), StringComparer.Ordinal)];
    }

    private string? ReadInput()
    {
        try
        {
            using var stream = InputStream.Open();
            using var text = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (stream.Read(buffer) is > 0 and var length)
            {
                text.Write(buffer.AsSpan(0, length));
                if (text.Length > PlanFolder.MostBytes)
                {
                    Fail($"standard input is longer than {PlanFolder.MostBytes / 1024} KiB");
                    return null;
                }
            }
            if (PlanFolder.Decode(text.GetBuffer().AsSpan(0, (int)text.Length)) is var read && read.Text is null)
                Fail($"cannot read standard input: {read.Fault}");
            return read.Text;
        }
        catch (IOException exception)
        {
            Fail($"cannot read standard input: {SystemFault.Describe(exception)}");
            return null;
        }
    }

    private void Show(PortPlan plan, HostSettings settings)
    {
        if (request.IsJson || request.IsSarif)
        {
            output.WriteAll(bytes =>
            {
                if (request.IsJson)
                    PlanJson.Write(bytes, plan, settings);
                else
                    PlanSarif.Write(bytes, plan, ProgramVersion.Text);
            });
            return;
        }
        var terminal = Terminal.Detect();
        output.Write(PlanText.Render(plan, settings, new TextOptions(terminal.Width, request.Detail)), terminal);
    }

    private static bool HasFolder()
    {
        try
        {
            return Environment.CurrentDirectory.Length > 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private void Fail(string message)
    {
        errors.Write(message);
        _worst = ExitCode.Error;
    }
}

internal sealed record PlanCheck(PortPlan Plan, HostSettings Settings)
{
    /// <summary>Why a plan without collisions does not mean that there are none, one line; null where all was compared.</summary>
    public static string? WhyNotAll(PlanInput input, PortPlan plan) =>
        input.IsPart ? "not every file could be read as a whole: the ports that the rest names were not compared"
        : input.Ports.IsEmpty ? "nothing that was read names a port: there was nothing to compare"
        : plan is { IsCut: true, Conflicts.IsEmpty: true }
            ? "more entries want one port than are compared: name the files or folders that matter"
        : null;

    /// <param name="running">What runs here; null to leave that out.</param>
    /// <param name="used">Reads what is in use here, for the ports to take instead, where there are
    /// conflicts; null where that is not to be known.</param>
    public static PlanCheck Of(PlanInput input, ImmutableArray<string>? profiles, PortListing? running, KernelRelease? kernel = null,
        Func<PortListing?>? used = null)
    {
        var settings = OperatingSystem.IsLinux() ? PortSettings.Read() : new HostSettings();
        var circumstances = new PlanCircumstances
        {
            Settings = settings,
            Profiles = profiles,
            Running = running,
            ReadSnapshot = ReadSnapshot,
            InUse = running,
            Kernel = kernel ?? KernelRelease.Documented
        };
        var plan = PortPlanner.Check(input.Ports, circumstances);
        if (running is null && !plan.Conflicts.IsEmpty && used?.Invoke() is { } here)
            plan = PortPlanner.Check(input.Ports, circumstances with { InUse = here });
        return new PlanCheck(plan with { Sources = input.Sources, Remarks = [.. plan.Remarks, .. input.Remarks] }, settings);
    }

    /// <summary>What runs here; UNIX sockets too where the files name one.</summary>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    public static PortListing List(PlanInput input, CancellationToken cancellationToken = default) =>
        PortDiagnostics.List(new PortListRequest
        {
            Filter = input.Ports.Any(static port => port.Protocol == Protocol.Unix)
                ? new PortFilter { Protocols = [Protocol.Tcp, Protocol.Udp, Protocol.Unix] } : PortFilter.TcpAndUdp,
        }, cancellationToken);

    /// <summary>The same; null where it cannot be read.</summary>
    /// <param name="fail">Takes why not, one line.</param>
    public static PortListing? TryList(PlanInput input, Action<string>? fail = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return List(input, cancellationToken);
        }
        catch (PortQueryException exception)
        {
            fail?.Invoke(exception.Message);
            return null;
        }
    }

    /// <summary>This host as <c>why</c> sees it for one bind; null where it cannot be asked.</summary>
    private static Snapshot? ReadSnapshot(BindRequest bind)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var question = new PortQuery
        {
            Target = new Target
            {
                Text = bind.Path ?? bind.Endpoint.ToString(),
                Protocol = bind.Protocol,
                Host = bind.Path is null ? bind.Address.ToString() : null,
                Address = bind.Path is null ? bind.Address : null,
                Scope = bind.Scope,
                Port = bind.Path is null ? bind.Port : null,
                Path = bind.Path,
            },
            Options = new ProgramOptions(bind.ReuseAddress, bind.ReusePort, bind.V6Only, bind.Device, bind.Freebind, bind.UnixType),
            VerdictOnly = true,
        };
        try
        {
            using var inquiry = Inquiry.Open(null, portable: false);
            return inquiry.Inspect(question, CancellationToken.None).Snapshot;
        }
        catch (PortQueryException)
        {
            return null;
        }
    }
}
