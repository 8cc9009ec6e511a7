using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>What is frozen with a process, by the name that people know.</summary>
internal static class FrozenCgroup
{
    /// <summary>What is frozen: <c>the container web</c>, <c>web.service</c>, <c>its cgroup</c>.</summary>
    public static string Label(Owner owner) => owner.Process.Freeze is not { } freeze ? "it"
        : ContainerOf(owner, freeze) is { } container ? $"the container {container.Name ?? ContainerRecord.ShortId(container.Id)}"
        : UnitOf(freeze) ?? "its cgroup";

    public static ContainerUse? ContainerOf(Owner owner, CgroupFreeze freeze) =>
        owner.StartedFrom?.Container is { } container && freeze.Path.Contains(container.Id, StringComparison.Ordinal) ? container : null;

    /// <summary>The unit whose cgroup is frozen; null for none. A slice or scope is frozen as a unit as well (systemctl(1),
    /// freeze).</summary>
    public static string? UnitOf(CgroupFreeze freeze) => freeze.IsVersion1 ? null : SystemdCgroup.UnitOf(freeze.Path);
}

/// <summary>How to thaw a frozen process, in the terms of what froze it: container engine, systemd, or the cgroup's own file.</summary>
internal static class FreezeRemedies
{
    public static Remedy Thaw(DiagnosisContext context, Owner owner, CgroupFreeze freeze)
    {
        var command = FrozenCgroup.ContainerOf(owner, freeze) is { } container
            && ContainerStop.Thaw(context, container, owner.StartedFrom?.Compose,
                container.IsEngineOpen ? ShellCommand.Empty : RunAs.OwnerOf(context, owner.Process)) is { } engine ? engine
            : FrozenCgroup.UnitOf(freeze) is { } unit && NameGrammar.Unit.Word(unit) is { } word
                ? ShellCommand.Of(
                    $"{StopRemedies.Systemctl(context, IsUsers(freeze) ? SystemdCgroup.UserOf(owner.Process.Cgroup) : null)} thaw {word}")
            : Write(context, freeze);
        return Remedy.Of("thaw", command is null ? $"Thaw the cgroup {freeze.Path} where it is mounted; signals wait until then."
            : $"Thaw {FrozenCgroup.Label(owner)}, and it serves again.", command, "the processes run on, and answer what came meanwhile",
            "none");
    }

    /// <summary>Sends the signal and thaws it: the signal waits until the process runs again, and nothing is served in between.</summary>
    public static Remedy EndAndThaw(Owner owner, Remedy end, Remedy thaw) => end.Running(Both(end, thaw)) with
    {
        Id = "thaw-and-stop",
        Text = $"{end.Text.TrimEnd('.')}, and thaw {FrozenCgroup.Label(owner)}: only then the signal is handled.",
    };

    public static Remedy ThawAndStop(Owner owner, Remedy thaw, Remedy stop) => stop.Running(Both(thaw, stop)) with
    {
        Id = "thaw-and-stop",
        Text = $"Thaw {FrozenCgroup.Label(owner)}, then stop it.",
    };

    private static ShellCommand? Both(Remedy first, Remedy second) =>
        ShellCommand.OfRemedy(first) is { } one && ShellCommand.OfRemedy(second) is { } other ? ShellCommand.Of($"{one} && {other}") : null;

    private static bool IsUsers(CgroupFreeze freeze) =>
        freeze.Path.Contains("/user@", StringComparison.Ordinal) && !freeze.Path.EndsWith(".slice", StringComparison.Ordinal);

    private static ShellCommand? Write(DiagnosisContext context, CgroupFreeze freeze)
    {
        var files = freeze.Files.Select(NameGrammar.Path.Word).OfType<ShellWord>().Select(static file => ShellCommand.Of($"{file}"))
            .ToList();
        if (files.Count == 0 || files.Count < freeze.Files.Length)
            return null;
        var value = freeze.IsVersion1 ? ShellCommand.Of($"THAWED") : ShellCommand.Of($"0");
        return ShellCommand.Of($"echo {value} | {RunAs.Root(context)}tee {ShellCommand.Join(" ", files)}");
    }
}
