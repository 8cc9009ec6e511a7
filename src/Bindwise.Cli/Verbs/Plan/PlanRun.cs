using Bindwise.Linux.Sysctls;
using Bindwise.Model.Planning;
using Bindwise.Planning;
using Bindwise.Rendering.Planning;

namespace Bindwise.Cli.Verbs.Plan;

internal sealed class PlanRun(PlanRequest request, AnswerStream output, ErrorLines errors)
{
    private ExitCode _worst = ExitCode.Success;

    /// <summary>Reads, checks, shows, and gives the exit code.</summary>
    public ExitCode Check()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        var folder = new PlanFolder();
        var files = Find(folder);
        var input = PlanReader.Read(files, folder);
        if (folder.IsCut)
            errors.Write("the folder holds more files than are looked at: name the files or folders that matter");
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
            PlanCheck.Of(input, request.Profiles, request.IsHere ? List(Fail) : null, request.Kernel, static () => List(static _ => { }));
        Show(plan, settings);
        if (output.Fault is { } fault)
            Fail($"cannot write to standard output: {fault}");
        // Whoever has a single file, and that broken, must not take it for a file without conflicts.
        if (input.Ports.IsEmpty
            && plan.Sources.All(source => plan.Remarks.Any(remark => remark.Id == "unreadable" && remark.Location?.File == source.File)))
            _worst = ExitCode.Error;
        return plan.Conflicts.IsEmpty ? _worst : ExitCodes.Worst(_worst, ExitCode.Negative);
    }

    private static PortListing? List(Action<string> fail)
    {
        try
        {
            return PortDiagnostics.List();
        }
        catch (PortQueryException exception)
        {
            fail(exception.Message);
            return null;
        }
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
        return found;
    }

    private string? ReadInput()
    {
        try
        {
            using var stream = StandardStreams.OpenInput();
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
            return Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length));
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
            var bytes = new ArrayBufferWriter<byte>();
            if (request.IsJson)
                PlanJson.Write(bytes, plan, settings);
            else
                PlanSarif.Write(bytes, plan, ProgramVersion.Text);
            output.Write(bytes.WrittenSpan);
            return;
        }
        var terminal = Terminal.Detect();
        output.Write(TextOutput.Format(PlanText.Render(plan, settings, new TextOptions(terminal.Width, request.Detail)),
            terminal.IsColoured));
    }

    private void Fail(string message)
    {
        errors.Write(message);
        _worst = ExitCode.Error;
    }
}

internal sealed record PlanCheck(PortPlan Plan, HostSettings Settings)
{
    /// <param name="profiles">The profiles that are on; null for each by itself.</param>
    /// <param name="running">What runs here; null to leave that out.</param>
    /// <param name="kernel">The release of Linux whose rules decide; null for the documented one.</param>
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
            InUse = running,
            Kernel = kernel ?? KernelRelease.Documented
        };
        var plan = PortPlanner.Check(input.Ports, circumstances);
        if (running is null && !plan.Conflicts.IsEmpty && used?.Invoke() is { } here)
            plan = PortPlanner.Check(input.Ports, circumstances with { InUse = here });
        return new PlanCheck(plan with { Sources = input.Sources, Remarks = [.. plan.Remarks, .. input.Remarks] }, settings);
    }
}
