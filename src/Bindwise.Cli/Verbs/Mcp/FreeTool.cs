using System.Runtime.Versioning;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Freeing;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>
/// <c>free</c> for agents, in two calls: the first shows what would be done and takes handles on the processes, the second does exactly
/// that. The word that it takes is known only to who read the plan.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class FreeTool
{
    private const string Description =
        "Ends what holds a port, address or UNIX socket, in the gentlest way that works, and proves the result by a real bind. Two calls: "
            + "the first only shows what would be done, and gives a word; the second, with that word as confirm, does exactly that, if "
            + "nothing has changed. Never ends another user's process, a client of the port, or what this program runs in. Ask the user "
            + "before the second call, unless they told you to end this very program.";

    /// <summary>What is refused, and what failed, is told in the words of the command line.</summary>
    private const string InOtherWords =
        "(Here --force is force, --grace is grace_seconds, --wait is wait_seconds and --destroy is destroy. There is no --yes: another "
            + "user's process is not ended from here; tell the user.)";

    private const int MostConfirmChars = 64;

    private static readonly TextParameter Confirm = new("confirm",
        "The word that the first call gave; the other arguments as in that call. Without it nothing is done.", MostConfirmChars);

    private static readonly FlagParameter AlsoInherited = new("also_inherited",
        "With confirm: also end programs that only inherited the socket, where the first call named such.");

    private static readonly FlagParameter Force =
        new("force", "SIGKILL for what still holds it after the grace time: such a program cannot clean up.");
    private static readonly FlagParameter Destroy =
        new("destroy", "Destroy TCP sockets that no process holds any more, such as TIME_WAIT. Needs CAP_NET_ADMIN.");
    private static readonly NumberParameter Grace = new("grace_seconds", "How long programs have to end after SIGTERM.", 0, 60, 5);
    private static readonly NumberParameter Wait =
        new("wait_seconds", "How long to wait for sockets that no process holds, such as TIME_WAIT; 0 for not at all.", 0, 120, 0);

    public static AgentTool Of(PreparedReleases releases) =>
        new("free", "Free a port", Description, (arguments, context) => Call(releases, arguments, context))
        {
            Parameters = [TargetParameter.Target, TargetParameter.Plain, Force, Destroy, Grace, Wait, Confirm, AlsoInherited],
            ResultSchema = FreeJson.Schema,
            IsReadOnly = false,
            LooksUpNames = true,
        };

    private static ToolAnswer Call(PreparedReleases releases, ToolArguments arguments, ToolContext context)
    {
        var asked = new FreeArguments(
            TargetParameter.Target.Read(arguments)!, TargetParameter.Plain.Read(arguments), Force.Read(arguments), Destroy.Read(arguments),
            Grace.Read(arguments), Wait.Read(arguments));
        return Confirm.Read(arguments) is { } word
            ? Execute(releases, word, asked, AlsoInherited.Read(arguments), context)
            : Show(releases, asked, TargetParameter.Options(arguments), context);
    }

    private static ToolAnswer Show(PreparedReleases releases, FreeArguments asked, ProgramOptions options, ToolContext context)
    {
        var named = TargetParser.ParseAll(asked.Target);
        if (named.Value is not { } targets)
            return ToolAnswer.Fault(named.Error!);
        if (targets.Targets is not [var target])
            return ToolAnswer.Fault(
                "the text has several targets, and free takes one: call it for each of "
                    + $"{string.Join(", ", targets.Targets.Select(static one => one.Text))}");
        var release = PortRelease.Prepare(new FreeRequest
        {
            Query = new PortQuery { Target = target, Options = options },
            GracePeriod = TimeSpan.FromSeconds(asked.GraceSeconds),
            Force = asked.Force,
            Destroy = asked.Destroy,
            Wait = asked.WaitSeconds > 0 ? TimeSpan.FromSeconds(asked.WaitSeconds) : null,
        }, context.Cancellation);
        var plan = release.Plan;
        var answer = new ToolAnswer().Say(ToolText.Of(FreeText.Plan(plan, isCertain: false, new TextOptions())));
        if (plan.Refusal is not null || plan.Actions.IsEmpty)
        {
            using (release)
                return Add(answer, release.Execute(null, context.Cancellation));
        }
        var result = release.Shown("not-confirmed", "Nothing was done.");
        var word = releases.Keep(asked, release);
        answer.Say($"Nothing was done. To do exactly this, call free again within {PreparedReleases.Lifetime.TotalMinutes:0} minutes with "
            + $"the same arguments and confirm: \"{word}\"."
            + (plan.Actions.Any(static action => action.IsAskedSeparately)
                ? " It ends programs that only inherited the socket: that takes also_inherited: true as well." : ""));
        return Add(answer, result).ConfirmedBy(word);
    }

    private static ToolAnswer Execute(PreparedReleases releases, string word, FreeArguments asked, bool alsoInherited, ToolContext context)
    {
        if (releases.Find(word) is not { } kept)
            return ToolAnswer.Fault(
                "confirm is not a word that free gave in the last minutes, or it was used already: call free without confirm, and look at "
                    + "what it shows");
        if (!kept.Equals(asked))
            return ToolAnswer.Fault(
                "confirm belongs to a call with other arguments: give the same target and options, or call free without confirm again");
        if (!alsoInherited && releases.AsksSeparately(word))
            return ToolAnswer.Fault(
                "this ends programs that only inherited the socket, which takes also_inherited: true as well; nothing was done");
        // Another call may have taken it meanwhile.
        using var release = releases.Take(word);
        if (release is null)
            return ToolAnswer.Fault("confirm was used already: call free without confirm again");
        var answer = new ToolAnswer();
        var steps = new List<FreeStep>();
        var result = release.Execute(steps.Add, context.Cancellation);
        if (steps.Count > 0)
            answer.Say(ToolText.Of(FreeText.Steps(steps, new TextOptions())));
        return Add(answer.Say(ToolText.Of(FreeText.End(result, release.Plan.Name, new TextOptions()))), result);
    }

    private static ToolAnswer Add(ToolAnswer answer, FreeResult result)
    {
        if (result.Explanation?.Contains(" --", StringComparison.Ordinal) == true)
            answer.Say(InOtherWords);
        return answer.Add(bytes => FreeJson.Write(bytes, result));
    }
}

internal sealed record FreeArguments(string Target, bool Plain, bool Force, bool Destroy, double GraceSeconds, double WaitSeconds);
