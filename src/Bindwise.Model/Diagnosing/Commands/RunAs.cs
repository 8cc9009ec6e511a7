namespace Bindwise.Model.Diagnosing.Commands;

/// <summary>As whom a command has to run: as root, or as the user whose own service manager, engine or supervisor it speaks to.</summary>
internal static class RunAs
{
    public static ShellCommand OwnerOf(DiagnosisContext context, ProcessRecord process) =>
        OwnerOf(context.Snapshot.Caller.UserId, process);

    public static ShellCommand OwnerOf(uint caller, ProcessRecord process) =>
        caller != 0 && process.UserId is { } user && user != caller ? ShellCommand.Of($"sudo ") : ShellCommand.Empty;

    /// <summary>sudo, for who is not root.</summary>
    public static ShellCommand Root(DiagnosisContext context) =>
        context.Snapshot.Caller.UserId == 0 ? ShellCommand.Empty : ShellCommand.Of($"sudo ");

    /// <summary>
    /// As that user, with their home: sudo -H; for root runuser(1), which is there where sudo is not installed, with env(1) as the shell.
    /// </summary>
    /// <param name="user">The user; null for who asks.</param>
    public static ShellCommand User(DiagnosisContext context, uint? user) =>
        user is not { } id || id == context.Snapshot.Caller.UserId ? ShellCommand.Empty
            : context.Snapshot.Caller.UserId == 0 && NameOf(context, id) is { } name
                ? ShellCommand.Of($"runuser -s /usr/bin/env {name} -- ")
            : ShellCommand.Of($"sudo -H -u {Name(context, id)} ");

    /// <summary>
    /// Likewise, with the folder of the user's sockets, in which the user's own service manager is found (pam_systemd(8)).
    /// </summary>
    public static ShellCommand UserWithRuntime(DiagnosisContext context, uint? user) =>
        user is { } id && id != context.Snapshot.Caller.UserId ? ShellCommand.Of($"{User(context, id)}XDG_RUNTIME_DIR=/run/user/{id} ")
            : ShellCommand.Empty;

    /// <summary>
    /// Likewise, from the root folder: Podman does not start in one that the user may not enter, as root's home ("cannot chdir to /root:
    /// Permission denied"). sudo -D needs a permission of its own.
    /// </summary>
    public static ShellCommand UserOfPodman(DiagnosisContext context, uint? user) =>
        user is { } id && id != context.Snapshot.Caller.UserId
            ? ShellCommand.Of($"{User(context, id)}env -C / XDG_RUNTIME_DIR=/run/user/{id} ")
            : ShellCommand.Empty;

    /// <summary>
    /// Likewise, with the socket of the user's own Docker, also for the user, whose client goes to the system's otherwise.
    /// </summary>
    public static ShellCommand UserWithDocker(DiagnosisContext context, uint? user) =>
        user is { } id ? ShellCommand.Of($"{User(context, id)}DOCKER_HOST=unix:///run/user/{id}/docker.sock ") : ShellCommand.Empty;

    /// <summary>The user's name where one is known that sudo takes for nothing else, else the number.</summary>
    private static ShellWord Name(DiagnosisContext context, uint id) =>
        NameOf(context, id) ?? new ShellWord("'#" + id.ToString(CultureInfo.InvariantCulture) + "'");

    private static ShellWord? NameOf(DiagnosisContext context, uint id) =>
        context.Snapshot.Processes.FirstOrDefault(p => p.UserId == id && p.UserName is not null) is { UserName: var name }
            ? NameGrammar.User.Word(name) : null;
}
