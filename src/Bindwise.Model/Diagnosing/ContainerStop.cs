using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing;

/// <summary>The command that stops a container, in the terms of its engine.</summary>
/// <param name="Command">The command.</param>
/// <param name="Text">What it does, one sentence.</param>
internal readonly record struct ContainerStop(ShellCommand Command, string Text)
{
    /// <summary>How many digits of an id the engines print and take.</summary>
    private const int ShortIdLength = 12;

    /// <summary>By the compose service, the name or the id, whichever is one first; null where none is.</summary>
    /// <param name="f">The findings.</param>
    /// <param name="container">The container.</param>
    /// <param name="compose">Its compose service; null for none.</param>
    /// <param name="system">The prefix of a command to the system's engine.</param>
    public static ContainerStop? Of(Findings f, ContainerUse container, ComposeUse? compose, ShellCommand system)
    {
        var user = container.UserId;
        var docker = user is null ? system : RunAs.UserWithDocker(f, user);
        if (compose is { Service: { } service } && container.Engine == "docker"
            && NameGrammar.ComposeProject.Word(compose.Project) is { } project && NameGrammar.ComposeService.Word(service) is { } part)
            return new($"{docker}docker compose -p {project} stop {part}", $"Stop the compose service {service} of project {compose.Project}.");
        var id = container.Id.Length > ShortIdLength ? container.Id[..ShortIdLength] : container.Id;
        var (grammar, name) = container.Engine switch
        {
            "lxc" => (NameGrammar.Lxc, container.Id),
            "nspawn" => (NameGrammar.Machine, container.Id),
            "containerd" or "cri-o" => (NameGrammar.ContainerId, id),
            _ => (NameGrammar.Container, container.Name),
        };
        var word = grammar.Word(name) ?? NameGrammar.ContainerId.Word(id);
        if (word is not { } known)
            return null;
        var text = container.Name is null ? "Stop the container that holds the port."
            : NameGrammar.Container.Word(container.Name) is not null ? $"Stop the container {container.Name}."
            : $"Stop the container {id}, by its id; its name is none that {container.Engine ?? "docker"} takes.";
        return container.Engine switch
        {
            "containerd" or "cri-o" => new($"{system}crictl stop {known}", text),
            "podman" => new($"{(user is null ? system : RunAs.UserOfPodman(f, user))}podman stop {known}", text),
            "lxc" => new($"{(user is null ? system : RunAs.User(f, user))}lxc-stop --name {known}", text),
            "nspawn" => new($"{system}machinectl stop {known}", text),
            _ => new($"{docker}docker stop {known}", text),
        };
    }
}
