using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>How to thaw a frozen process, in the terms of what froze it: container engine, systemd, or the cgroup's own file.</summary>
internal static class FreezeRemedies
{
    /// <summary>What is frozen: <c>the container web</c>, <c>web.service</c>, <c>its cgroup</c>.</summary>
    public static string Label(Owner owner) => owner.Process.Freeze is not { } freeze ? "it"
        : ContainerOf(owner, freeze) is { } container ? $"the container {container.Name ?? ContainerStop.Short(container.Id)}"
        : UnitOf(freeze) ?? "its cgroup";

    /// <summary>Lets it go on, as it was.</summary>
    public static Remedy Thaw(Findings f, Owner owner, CgroupFreeze freeze)
    {
        var command = ContainerOf(owner, freeze) is { } container && ContainerStop.Thaw(f, container, owner.StartedFrom?.Compose) is { } engine
            ? (container.IsEngineOpen ? "" : StopRemedies.Sudo(f, owner.Process)) + engine
            : UnitOf(freeze) is { } unit ? $"{StopRemedies.Systemctl(f, owner.Process, IsUsers(freeze))} thaw {ShellQuoting.Quote(unit)}"
            : Write(f, freeze);
        return new Remedy("thaw", command is null ? $"Thaw the cgroup {freeze.Path} where it is mounted; signals wait until then." : $"Thaw {Label(owner)}, and it serves again.", command, "the processes run on, and answer what came meanwhile", "none");
    }

    /// <summary>Sends the signal and thaws it: the signal waits until the process runs again, and nothing is served in between.</summary>
    public static Remedy EndAndThaw(Owner owner, Remedy end, Remedy thaw) => end with
    {
        Id = "thaw-and-stop",
        Text = $"{end.Text.TrimEnd('.')}, and thaw {Label(owner)}: only then the signal is handled.",
        Command = $"{end.Command} && {thaw.Command}",
    };

    /// <summary>Thaws it and has its manager stop it.</summary>
    public static Remedy ThawAndStop(Owner owner, Remedy thaw, Remedy stop) => stop with
    {
        Id = "thaw-and-stop",
        Text = $"Thaw {Label(owner)}, then stop it.",
        Command = $"{thaw.Command} && {stop.Command}",
    };

    private static ContainerUse? ContainerOf(Owner owner, CgroupFreeze freeze) =>
        owner.StartedFrom?.Container is { } container && freeze.Path.Contains(container.Id, StringComparison.Ordinal) ? container : null;

    // A slice or scope is frozen as a unit as well (systemctl(1), freeze).
    private static string? UnitOf(CgroupFreeze freeze) => freeze.IsVersion1 ? null : PolicyNames.UnitOf(freeze.Path);

    private static bool IsUsers(CgroupFreeze freeze) => freeze.Path.Contains("/user@", StringComparison.Ordinal) && !freeze.Path.EndsWith(".slice", StringComparison.Ordinal);

    private static string? Write(Findings f, CgroupFreeze freeze)
    {
        if (freeze.Files.IsEmpty)
            return null;
        var files = string.Join(' ', freeze.Files.Select(ShellQuoting.Quote));
        return $"echo {freeze.Thaw} | {(f.Snapshot.Caller.UserId == 0 ? "" : "sudo ")}tee {files}";
    }
}
