using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// How to stop a program by the supervisor that runs it: a command that reaches this very supervisor, from any folder and by who asks.
/// </summary>
internal static class SupervisorRemedies
{
    /// <param name="refused">Gets why there is no command, where the process has a supervisor and there is none.</param>
    public static IEnumerable<Remedy> Of(DiagnosisContext context, ImmutableArray<Owner> owners, ProcessProvenance origin,
        List<string> refused)
    {
        if (Supervisors.Of(origin) is not { } tool || origin.Container is not null)
            yield break;
        if (Supervisors.OwnSocket(tool, context.Main, owners) is { } own)
        {
            yield return Remedy.Of("close-own-socket", own, null, "the supervisor no longer listens there",
                "what it runs may end with it");
            yield break;
        }
        var process = owners[0].Process;
        var supervisor = context.Holders.ProcessOf(tool.ProcessId);
        var user = supervisor?.UserId;
        var name = Supervisors.NameOf(tool.Kind);
        // What a user runs under this name knows nothing of the system's services.
        if (tool.Kind == ToolKind.OpenRc && user is not (null or 0))
        {
            refused.Add($"it is run by {name} of an ordinary user, which is none of the system's");
            yield break;
        }
        var services = Supervisors.ServicesOf(tool, owners);
        var isItself = tool.ProcessId == process.Id;
        if (ServiceOf(tool.Kind, supervisor, services, isItself) is not { } service)
        {
            refused.Add(StopRemedies.Refused("service", name));
            yield break;
        }
        if (tool.Kind == ToolKind.Supervisord && process.IsWithoutSupervisorControl && supervisor is not null)
        {
            yield return WithoutControl(context, supervisor, services);
            yield break;
        }
        var client = Client(context, tool.Kind, supervisor);
        var command = tool.Kind switch
        {
            ToolKind.S6 or ToolKind.Daemontools => ShellCommand.Of($"{client} -d {service}"),
            ToolKind.OpenRc => ShellCommand.Of($"{client} {service} stop"),
            _ => ShellCommand.Of($"{client} stop {service}"),
        };
        // The name stands in the environment, which the process can change: one of another user could name any service of the supervisor.
        var isNamed = tool.Kind is ToolKind.Supervisord or ToolKind.Pm2;
        var isItsWord = !services.IsEmpty && isNamed && process.UserId != user;
        var status = $"{client} {(tool.Kind == ToolKind.Pm2 ? "list" : "status")}";
        var text = isItself
            ? $"Stop the program with {name}, which holds the socket for it; a kill would end everything that {name} runs"
            : $"Stop it with {name}, which may start it again after a kill";
        yield return Remedy.Of("stop-supervised",
            text + (services.IsEmpty && isNamed ? $"; {status} shows its name." : "."), command,
            "the service ends",
            isItsWord ? $"the name is what the process itself says; compare {status}"
                : "what it serves is gone until it is started again") with
        { IsRiskNotable = isItsWord };
    }

    // As in many a container's image. supervisord reads its file anew on SIGHUP (supervisor/supervisord.py).
    private static Remedy WithoutControl(DiagnosisContext context, ProcessRecord supervisor, ImmutableArray<string> services)
    {
        var section = services is [var name] && !name.Contains(':', StringComparison.Ordinal) ? $"[program:{name}]"
            : services is [] ? "its section" : $"the section of {Wording.List([.. services])}";
        var asUser = supervisor.UserId is 0 ? RunAs.Root(context) : RunAs.User(context, supervisor.UserId);
        return Remedy.Of("stop-supervised",
            $"supervisorctl cannot stop it (supervisord has no control socket): take {section} out of "
                + $"{FileOf(supervisor)?.Text ?? "supervisord's configuration"}, and have that read again with "
                + $"{ShellCommand.Of($"{asUser}kill -HUP {supervisor.Id}")}.",
            null, "the service ends", "all that this supervisord runs starts again");
    }

    /// <summary>The service as the command takes it: by its name, or by the folder in which its supervisor runs.</summary>
    private static ShellCommand? ServiceOf(ToolKind kind, ProcessRecord? supervisor, ImmutableArray<string> services, bool isItself)
    {
        var grammar = kind switch
        {
            ToolKind.Supervisord => NameGrammar.SupervisorProgram,
            ToolKind.Pm2 => NameGrammar.Pm2App,
            ToolKind.OpenRc => NameGrammar.OpenRcService,
            _ => null,
        };
        if (grammar is null)
            return supervisor is not null && Word(FolderOf(supervisor)) is { } folder ? ShellCommand.Of($"{folder}") : null;
        // The supervisor itself is never to be killed over a name.
        return !services.IsEmpty && grammar.Words(services.AsSpan()) is { } words ? ShellCommand.Of($"{words}")
            : services.IsEmpty || isItself ? ShellCommand.Of($"NAME") : null;
    }

    /// <summary>The supervisor's own command, by its user, with what tells it from others of its kind.</summary>
    private static ShellCommand Client(DiagnosisContext context, ToolKind kind, ProcessRecord? supervisor)
    {
        var user = supervisor?.UserId;
        var asUser = user is 0 && kind != ToolKind.Pm2 ? RunAs.Root(context) : RunAs.User(context, user);
        return kind switch
        {
            ToolKind.Supervisord => ShellCommand.Of($"{asUser}{Configured(supervisor)}"),
            ToolKind.Pm2 => ShellCommand.Of($"{asUser}{Home(context, supervisor)}pm2"),
            ToolKind.Runit => ShellCommand.Of($"{asUser}sv"),
            ToolKind.S6 => ShellCommand.Of($"{asUser}s6-svc"),
            ToolKind.Daemontools => ShellCommand.Of($"{asUser}svc"),
            _ => ShellCommand.Of($"{asUser}rc-service"),
        };
    }

    /// <summary>
    /// supervisorctl with the file that supervisord was given; without one both look for it in the folder where they are started.
    /// </summary>
    private static ShellCommand Configured(ProcessRecord? supervisor)
    {
        if (supervisor is null)
            return ShellCommand.Of($"supervisorctl");
        if (SupervisordFile(supervisor.Arguments) is null or [] && Word(supervisor.WorkingDirectory) is { Text: not "/" } folder)
            return ShellCommand.Of($"env -C {folder} supervisorctl");
        return FileOf(supervisor) is { } path ? ShellCommand.Of($"supervisorctl -c {path}") : ShellCommand.Of($"supervisorctl");
    }

    private static ShellWord? FileOf(ProcessRecord supervisor) => SupervisordFile(supervisor.Arguments) is var file
        ? Word(file is null or ['/', ..] ? file : $"{FolderOf(supervisor)}/{file}") : null;

    // -c FILE, -nc FILE, -cFILE, --configuration FILE, --configuration=FILE (getopt(3)).
    private static string? SupervisordFile(ImmutableArray<string> arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var next = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "-c" or "-nc" or "--configuration":
                    return next;
                case ['-', 'c', .. var attached]:
                    return attached;
                case var other when other.StartsWith("--configuration=", StringComparison.Ordinal):
                    return other["--configuration=".Length..];
            }
        }
        return null;
    }

    /// <summary>
    /// PM2's home, where that is not the one of its user. Its title shows it, as far as there is room: Node.js writes that over the
    /// arguments.
    /// </summary>
    private static ShellCommand Home(DiagnosisContext context, ProcessRecord? supervisor)
    {
        const string daemon = ": God Daemon (";
        if (supervisor?.Arguments is not [var title, ..] || title.IndexOf(daemon, StringComparison.Ordinal) is not (> 0 and var at))
            return ShellCommand.Empty;
        var home = title[(at + daemon.Length)..];
        if (!home.EndsWith(')'))
        {
            var asOwner = RunAs.OwnerOf(context, supervisor);
            return ShellCommand.Of($"env \"$({asOwner}grep -z ^PM2_HOME= /proc/{supervisor.Id}/environ | tr -d '\\0')\" ");
        }
        home = home[..^1];
        return home == (supervisor.UserId == 0 ? "/root/.pm2" : $"/home/{supervisor.UserName}/.pm2") || Word(home) is not { } path
            ? ShellCommand.Empty : ShellCommand.Of($"PM2_HOME={path} ");
    }

    // Its user and root may go through the link of the process, and the command runs as one of them.
    private static string FolderOf(ProcessRecord supervisor) =>
        supervisor.WorkingDirectory?.TrimEnd('/') ?? $"/proc/{supervisor.Id.ToString(CultureInfo.InvariantCulture)}/cwd";

    private static ShellWord? Word(string? path) => path is ['/', ..] ? NameGrammar.Path.Word(path) : null;
}
