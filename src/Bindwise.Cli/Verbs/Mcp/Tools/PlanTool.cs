using Bindwise.Cli.Verbs.Plan;
using Bindwise.Model.Diagnosing;
using Bindwise.Planning;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Planning;

namespace Bindwise.Cli.Verbs.Mcp.Tools;

/// <summary><c>plan</c> for agents: of one file or folder.</summary>
internal static class PlanTool
{
    private const string Description =
        "Says which ports of a project's files collide, by which rule, with file and line, before anything runs: compose files, systemd "
            + "units, Procfile, package.json, .env, launchSettings.json, appsettings.json, nginx, haproxy, Kubernetes, devcontainer.json. "
            + "Call it after you changed a port in such a file. It only reads.";

    private const int MostPathChars = 4096;
    private const int MostRemarks = 8;

    private static readonly TextParameter Location =
        new("path", "A file, or a folder to search; without it the folder in which this server was started.", MostPathChars);
    private static readonly FlagParameter Here = new("here", "Also compare with what listens on this host now.");

    public static AgentTool Tool { get; } = new("plan", "Check files for port conflicts", Description, Call)
    {
        Parameters = [Location, Here],
        ResultSchema = PlanJson.Schema,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var path = Location.Read(arguments) ?? ".";
        var folder = new PlanFolder();
        if (path.Contains('\0', StringComparison.Ordinal) || path == PlanFolder.InputName || !(File.Exists(path) || Directory.Exists(path)))
            return ToolAnswer.Fault($"{path}: no such file or folder");
        var input = PlanReader.Read(Directory.Exists(path) ? folder.AddFolder(path) : [folder.AddFile(path, null)], folder);
        context.Cancellation.ThrowIfCancellationRequested();
        if (input.Sources.IsEmpty)
        {
            return ToolAnswer.Fault(string.Join("; ", input.Remarks.Take(MostRemarks)
                .Select(static remark => $"{remark.Location}: {remark.Text}")
                .Prepend($"no file that names ports was found in {(path == "." ? "this folder" : path)}")));
        }
        var (plan, settings) =
            PlanCheck.Of(input, null, Here.Read(arguments) ? PlanCheck.List(input, context.Cancellation) : null);
        var answer = new ToolAnswer();
        if (PlanCheck.WhyNotAll(input, plan) is { } why)
            answer.Say(Escaper.EscapeSentence(Wording.Sentence(why) + "."));
        answer.Say(ToolText.Of(PlanText.Render(plan, settings, new TextOptions())))
            .Add(bytes => PlanJson.Write(bytes, plan, settings));
        return folder.IsCut ? answer.Say(
            Escaper.EscapeSentence($"{path} holds more files than are read: name the files or folders that matter.")) : answer;
    }
}
