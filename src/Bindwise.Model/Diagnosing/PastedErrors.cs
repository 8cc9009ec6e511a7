using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Model.Diagnosing;

/// <summary>What a pasted error adds to the question; and one that what is seen now does not bear out: over by now, or of another
/// user.</summary>
internal static class PastedErrors
{
    /// <summary>Says aloud which options the runtime brought into the question; null when the text reveals none.</summary>
    public static string? Defaults(DiagnosisContext context) =>
        context.Target.Pasted is not { } pasted || (pasted.Runtime ?? pasted.Program) is not { } who
            || context.Asked[0].Request.Protocol != Protocol.Tcp ? null
        : pasted.SetsReuseAddress switch
        {
            true => $"The wording is that of {who}, which sets SO_REUSEADDR before bind(), so the verdict is for that.",
            false => $"The wording is that of {who}, whose bare sockets set no option, so the verdict is for a plain bind().",
            null => null,
        };

    /// <summary>Whether the program whose error was pasted is this one: by its name, or by its script in the stack trace.</summary>
    public static bool IsOf(PastedError pasted, ProcessRecord process) =>
        (pasted.Program is { } program && (process.Name == program || ProcessNames.ProgramOf(process) == program))
        || pasted.Files.Any(file => process.Arguments.Any(argument => IsFile(file, argument, process.WorkingDirectory)));

    private static bool IsFile(string file, string argument, string? folder)
    {
        if (argument.Length == 0 || argument[0] == '-')
            return false;
        if (argument[0] == '/')
            return argument == file;
        var relative = argument.StartsWith("./", StringComparison.Ordinal) ? argument[2..] : argument;
        return folder is not null && file == folder.TrimEnd('/') + "/" + relative;
    }

    /// <summary>It said that the address is in use, and nothing is in the way any more.</summary>
    public static bool IsOver(DiagnosisContext context) =>
        context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EADDRINUSE" }
            && context.Snapshot.Elsewhere is not { Sockets.IsEmpty: false }
        && (!context.Target.IsProtocolAssumed || (context.Target.Protocol == Protocol.Tcp && UdpTopic.TakenBeside(context) is null));

    /// <summary>It said EACCES for a low port, and who asks may bind that port.</summary>
    public static bool IsOfOtherUser(DiagnosisContext context) => context is { Verdict: Verdict.Free, Target.Pasted.Errno: "EACCES" }
        && context.Plan.Port is > 0 and var port && port < context.Snapshot.Settings.FirstUnprivilegedPort;

    public static IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
        IsOver(context) ?
        [
            Remedy.Of("start-again",
                "Start your server again. If it fails again although the port is free here, it may bind the port twice itself.", null,
                "nothing", "none"),
        ]
        : !IsOfOtherUser(context) ? []
        :
        [
            .. PolicyRemedies.Privileged(context).Where(static r => r.Id != "other-port"),
            Remedy.Of("ask-as-user", "Ask for the user that runs the server.", $"bindwise why {context.Argument} --user NAME",
                "nothing", "none"),
        ];
}
