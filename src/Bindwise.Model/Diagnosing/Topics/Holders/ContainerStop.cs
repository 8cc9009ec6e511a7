using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics.Holders;

/// <summary>The command that stops a container, in the terms of its engine.</summary>
/// <param name="Command">The command.</param>
/// <param name="Text">What it does, one sentence.</param>
internal readonly record struct ContainerStop(ShellCommand Command, string Text)
{
    /// <summary>The program and its arguments, for who runs it without a shell; empty where no name is one that the engine takes.</summary>
    /// <param name="container">The container.</param>
    /// <param name="compose">Its compose service; null for none.</param>
    public static ImmutableArray<string> Words(ContainerUse container, ComposeUse? compose)
    {
        // The words of these grammars are quoted for a shell as they are.
        if (compose is { Service: { } service } && container.Engine == "docker"
            && NameGrammar.ComposeProject.Word(compose.Project) is { } project && NameGrammar.ComposeService.Word(service) is not null)
            return service.StartsWith('-') ? ["docker", "compose", "-p", project.Text, "stop", "--", service]
                : ["docker", "compose", "-p", project.Text, "stop", service];
        return NameOf(container) is not { } name ? [] : container.Engine switch
        {
            "containerd" or "cri-o" => ["crictl", "stop", name.Text],
            "lxc" => ["lxc-stop", "--name", name.Text],
            "nspawn" => ["machinectl", "stop", name.Text],
            "podman" => ["podman", "stop", name.Text],
            _ => ["docker", "stop", name.Text],
        };
    }

    /// <summary>By the compose service, the name or the id, whichever is one first; null where none is.</summary>
    /// <param name="context">What was found.</param>
    /// <param name="container">The container.</param>
    /// <param name="compose">Its compose service; null for none.</param>
    /// <param name="system">The prefix of a command to the system's engine.</param>
    public static ContainerStop? Of(DiagnosisContext context, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        if (OfCompose(context, container, compose, system, ShellCommand.Of($"stop")) is { } service)
            return new(service, $"Stop the compose service {compose!.Service} of project {compose.Project}.");
        if (NameOf(container) is not { } name)
            return null;
        var text = container.Name is null ? "Stop the container that holds the port."
            : NameGrammar.Container.Word(container.Name) is not null ? $"Stop the container {container.Name}."
            : $"Stop the container {ContainerRecord.ShortId(container.Id)}, by its id; its name is none that "
                + $"{container.Engine ?? "docker"} takes.";
        return container.Engine switch
        {
            "containerd" or "cri-o" => new($"{system}crictl stop {name}", text),
            "lxc" => new($"{Lxc(context, container, system)}lxc-stop --name {name}", text),
            "nspawn" => new($"{system}machinectl stop {name}", text),
            _ => new($"{Engine(context, container, system)} stop {name}", text),
        };
    }

    /// <summary>The command that thaws a paused container; null for an engine without one, and for a name that it does not take.</summary>
    public static ShellCommand? Thaw(DiagnosisContext context, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        if (OfCompose(context, container, compose, system, ShellCommand.Of($"unpause")) is { } service)
            return service;
        return NameOf(container) is not { } name ? null : container.Engine switch
        {
            "lxc" => ShellCommand.Of($"{Lxc(context, container, system)}lxc-unfreeze --name {name}"),
            "containerd" or "cri-o" or "nspawn" => null,
            _ => ShellCommand.Of($"{Engine(context, container, system)} unpause {name}"),
        };
    }

    private static ShellCommand? OfCompose(DiagnosisContext context, ContainerUse container, ComposeUse? compose, ShellCommand system,
        ShellCommand verb) =>
        compose is { Service: { } service } && container.Engine == "docker"
        && NameGrammar.ComposeProject.Word(compose.Project) is { } project && NameGrammar.ComposeService.Word(service) is { } part
            ? ShellCommand.Of($"{Engine(context, container, system)} compose -p {project} {verb} {part}") : null;

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

    private static ShellCommand Lxc(DiagnosisContext context, ContainerUse container, ShellCommand system) =>
        container.UserId is { } user ? RunAs.User(context, user) : system;

    private static ShellCommand Engine(DiagnosisContext context, ContainerUse container, ShellCommand system) =>
        (container.Engine, container.UserId) switch
        {
            ("podman", null) => ShellCommand.Of($"{system}podman"),
            ("podman", var user) => ShellCommand.Of($"{RunAs.UserOfPodman(context, user)}podman"),
            (_, null) => ShellCommand.Of($"{system}docker"),
            (_, var user) => ShellCommand.Of($"{RunAs.UserWithDocker(context, user)}docker"),
        };
}
