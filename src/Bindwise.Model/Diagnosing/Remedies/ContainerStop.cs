using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>The command that stops a container, in the terms of its engine.</summary>
/// <param name="Command">The command.</param>
/// <param name="Text">What it does, one sentence.</param>
internal readonly record struct ContainerStop(ShellCommand Command, string Text)
{
    /// <summary>How many digits of an id the engines print and take.</summary>
    /// <summary>By the compose service, the name or the id, whichever is one first; null where none is.</summary>
    /// <param name="f">The findings.</param>
    /// <param name="container">The container.</param>
    /// <param name="compose">Its compose service; null for none.</param>
    /// <param name="system">The prefix of a command to the system's engine.</param>
    public static ContainerStop? Of(DiagnosisContext f, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        if (OfCompose(f, container, compose, system, ShellCommand.Of($"stop")) is { } service)
            return new(service, $"Stop the compose service {compose!.Service} of project {compose.Project}.");
        if (NameOf(container) is not { } name)
            return null;
        var text = container.Name is null ? "Stop the container that holds the port."
            : NameGrammar.Container.Word(container.Name) is not null ? $"Stop the container {container.Name}."
            : $"Stop the container {ContainerRecord.ShortId(container.Id)}, by its id; its name is none that {container.Engine ?? "docker"} takes.";
        return container.Engine switch
        {
            "containerd" or "cri-o" => new($"{system}crictl stop {name}", text),
            "lxc" => new($"{Lxc(f, container, system)}lxc-stop --name {name}", text),
            "nspawn" => new($"{system}machinectl stop {name}", text),
            _ => new($"{Engine(f, container, system)} stop {name}", text),
        };
    }

    /// <summary>The command that thaws a paused container; null for an engine without one, and for a name that it does not take.</summary>
    public static ShellCommand? Thaw(DiagnosisContext f, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        if (OfCompose(f, container, compose, system, ShellCommand.Of($"unpause")) is { } service)
            return service;
        return NameOf(container) is not { } name ? null : container.Engine switch
        {
            "lxc" => ShellCommand.Of($"{Lxc(f, container, system)}lxc-unfreeze --name {name}"),
            "containerd" or "cri-o" or "nspawn" => null,
            _ => ShellCommand.Of($"{Engine(f, container, system)} unpause {name}"),
        };
    }

    private static ShellCommand? OfCompose(DiagnosisContext f, ContainerUse container, ComposeUse? compose, ShellCommand system, ShellCommand verb) =>
        compose is { Service: { } service } && container.Engine == "docker"
        && NameGrammar.ComposeProject.Word(compose.Project) is { } project && NameGrammar.ComposeService.Word(service) is { } part
            ? ShellCommand.Of($"{Engine(f, container, system)} compose -p {project} {verb} {part}") : null;

    private static ShellWord? NameOf(ContainerUse container)
    {
        var (grammar, name) = container.Engine switch
        {
            "lxc" => (NameGrammar.Lxc, container.Id),
            "nspawn" => (NameGrammar.Machine, container.Id),
            "containerd" or "cri-o" => (NameGrammar.ContainerId, ContainerRecord.ShortId(container.Id)),
            _ => (NameGrammar.Container, container.Name),
        };
        return grammar.Word(name) ?? NameGrammar.ContainerId.Word(ContainerRecord.ShortId(container.Id));
    }

    private static ShellCommand Lxc(DiagnosisContext f, ContainerUse container, ShellCommand system) => container.UserId is { } user ? RunAs.User(f, user) : system;

    private static ShellCommand Engine(DiagnosisContext f, ContainerUse container, ShellCommand system) => (container.Engine, container.UserId) switch
    {
        ("podman", null) => ShellCommand.Of($"{system}podman"),
        ("podman", var user) => ShellCommand.Of($"{RunAs.UserOfPodman(f, user)}podman"),
        (_, null) => ShellCommand.Of($"{system}docker"),
        (_, var user) => ShellCommand.Of($"{RunAs.UserWithDocker(f, user)}docker"),
    };
}
