using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Cli.CommandLine;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>What <c>lab prove</c> was asked for.</summary>
/// <param name="Ids">The claims; empty for all.</param>
/// <param name="Folder">The folder that they are in; null for the catalogue.</param>
/// <param name="On">Where to play.</param>
/// <param name="Platform">The system whose rules to follow.</param>
/// <param name="IsFast">Long waits in virtual time.</param>
/// <param name="IsJson">A line of JSON each.</param>
/// <param name="IsVerbose">With every step.</param>
internal sealed record LabProveRequest(IReadOnlyList<string> Ids, string? Folder, PlayOn On, string Platform, bool IsFast, bool IsJson, bool IsVerbose);

/// <summary><c>bindwise lab prove</c>: its arguments and options, told once for parser and help alike.</summary>
internal sealed class LabProveCommand
{
    private readonly Argument<string[]> ids = new("ID") { Arity = ArgumentArity.ZeroOrMore, Description = "A claim from bindwise lab list, or a claim's file. Several are played side by side." };
    private readonly Option<bool> all = new("--all") { Arity = ArgumentArity.Zero, Description = "Every claim, side by side: less than three minutes." };

    private readonly Option<string> on = new("--on")
    {
        HelpName = "HOST",
        Description = "Where to play: model (the rules, in virtual time), kernel (this one) or both, side by side. Default: both, or model where the kernel cannot be used.",
    };

    private readonly Option<bool> fast = new("--fast") { Arity = ArgumentArity.Zero, Description = "Play cases that wait longer than a second only on the model, in virtual time; the answer says so." };

    private readonly Option<string> platform = new("--platform")
    {
        HelpName = "NAME",
        Description = "Judge by the documented rules of another system, without running anything: " + string.Join(", ", ClaimSystems.All[1..]),
    };

    private readonly Option<string> from = new("--from") { HelpName = "DIR", Description = "Take the claims in this folder instead of the built-in ones." };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Arity = ArgumentArity.Zero, Description = "Show every step, the sockets before and after, and why." };
    private readonly Option<bool> json = new("--json") { Arity = ArgumentArity.Zero, Description = "Print one line of JSON per claim." };
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabProveCommand() =>
        Command = new Command("prove", "Play a claim's experiments, and say whether it is true here.") { ids, all, on, fast, platform, from, verbose, json, help };

    /// <summary>The verb for the parser.</summary>
    public Command Command { get; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(help) is not null;

    /// <summary>What to do, or what is wrong with the command line.</summary>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var named = parsed.GetValue(ids) ?? [];
        if (UnknownOption.Among(named, Command) is { } unknown)
            return Fault(unknown);
        if (named.Length == 0 && !parsed.GetValue(all))
            return Fault("no ID given: name claims from bindwise lab list, or give --all");
        if (named.Length > 0 && parsed.GetValue(all))
            return Fault("give IDs or --all, not both");
        if (parsed.GetValue(from) is "")
            return Fault("--from needs the name of a folder: --from DIR");
        if (PlayOnWord.Read(parsed.GetValue(on)) is not { } host)
            return Fault($"--on {parsed.GetValue(on)} is no host: give model, kernel or both");
        var system = parsed.GetValue(platform) ?? ClaimSystems.Linux;
        if (!ClaimSystems.All.Contains(system))
            return Fault($"--platform {system} is not a known system{Nearest.Hint(system, ClaimSystems.All)}");
        if (system != ClaimSystems.Linux && host is PlayOn.Kernel or PlayOn.Both)
            return Fault($"--platform {system} follows documents and runs nothing: leave --on out");
        if (host == PlayOn.Kernel && parsed.GetValue(fast))
            return Fault("--fast plays long waits on the model: leave --on kernel out");
        var request = new LabProveRequest(named, parsed.GetValue(from), host, system, parsed.GetValue(fast), parsed.GetValue(json), parsed.GetValue(verbose));
        return new ParseResult<VerbRun>((output, errors) => new LabProve(request, output, errors).Play());
    }

    private static ParseResult<VerbRun> Fault(string message) => new(null, message);
}
