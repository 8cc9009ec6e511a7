using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// Services in whose cgroup other people's programs run too: cron jobs, logins without a session of logind, jobs of CI runners. A stop ends
/// what everybody runs there, or (KillMode=process, as cron, ssh and docker ship it) the service alone, and the stray program keeps the
/// port.
/// </summary>
internal static class HostingUnits
{
    // The runner of GitHub: actions.runner.ORGANISATION-REPOSITORY.HOST.service.
    private const string ActionsUnit = "actions.runner.";

    private static readonly string[] Schedulers = ["cron", "crond", "fcron", "anacron", "atd"];
    private static readonly string[] Consoles = ["agetty", "login"];
    private static readonly string[] Displays =
        ["gdm", "gdm-session-worker", "gdm-x-session", "gdm-wayland-session", "lightdm", "sddm", "sddm-helper", "X", "Xorg"];
    private static readonly string[] Actions = ["Runner.Listener", "Runner.Worker", "RunnerService.js"];

    /// <summary>The programs of the service itself, by the unit's name up to the @; both without a version (gdm3).</summary>
    private static readonly Dictionary<string, string[]> Programs = new()
    {
        ["cron"] = Schedulers,
        ["crond"] = Schedulers,
        ["cronie"] = Schedulers,
        ["fcron"] = Schedulers,
        ["anacron"] = Schedulers,
        ["atd"] = Schedulers,
        ["ssh"] = ["sshd"],
        ["sshd"] = ["sshd"],
        ["dropbear"] = ["dropbear"],
        ["getty"] = Consoles,
        ["serial-getty"] = Consoles,
        ["console-getty"] = Consoles,
        ["gdm"] = Displays,
        ["lightdm"] = Displays,
        ["sddm"] = Displays,
        ["docker"] = ["dockerd"],
        ["snap.docker.dockerd"] = ["dockerd"],
        ["containerd"] = ["containerd", "containerd-shim-runc-v"],
        ["jenkins"] = ["jenkins.war"],
        ["gitlab-runner"] = ["gitlab-runner"],
        ["buildkite-agent"] = ["buildkite-agent"],
        ["code-server"] = ["code-server", "entry"],
        ["jupyterhub"] = ["jupyterhub", "configurable-http-proxy"],
    };

    /// <summary>Whether a process in such a unit's cgroup is not the service itself: then the unit does not stand for it.</summary>
    public static bool OnlyHost(string unit, ProcessRecord process) => ProgramsOf(unit) is { } own && !IsAmong(own, process);

    /// <summary>Whether a process is such a service: it does not start again what ended under it.</summary>
    public static bool AreOf(ProcessRecord process) =>
        process.Unit is { } unit && ProgramsOf(unit) is { } own && IsAmong(own, process);

    private static string[]? ProgramsOf(string unit)
    {
        if (unit.StartsWith(ActionsUnit, StringComparison.Ordinal))
            return Actions;
        var end = unit.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? at : Math.Max(unit.LastIndexOf('.'), 0);
        return Programs.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(RuntimeBook.WithoutVersion(unit.AsSpan(0, end)), out var own)
            ? own : null;
    }

    // A login over SSH is a child of the server that may have its name, and lives on when that stops.
    private static bool IsAmong(string[] own, ProcessRecord process) =>
        ProcessNames.KnownAs(process).Any(name => own.Any(one => name == one || ProcessTitles.AreCut(name, one)))
        && !(process is { ParentId: > 1, Name: "sshd" or "dropbear" });
}
