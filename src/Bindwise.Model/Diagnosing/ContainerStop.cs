namespace Bindwise.Model.Diagnosing;

/// <summary>The command that stops a container, in the terms of its engine.</summary>
internal static class ContainerStop
{
    /// <summary>How many digits of an id the engines print and take.</summary>
    private const int ShortIdLength = 12;

    public static string Command(Findings f, ContainerUse container, ComposeUse? compose)
    {
        var name = ShellQuoting.Quote(container.Name ?? Short(container.Id));
        if (compose is { Service: { } service } && container.Engine == "docker")
            return $"docker compose -p {ShellQuoting.Quote(compose.Project)} stop {ShellQuoting.Quote(service)}";
        return container.Engine switch
        {
            "containerd" or "cri-o" => $"crictl stop {ShellQuoting.Quote(Short(container.Id))}",
            "podman" => AsUser(f, container.UserId) + $"podman stop {name}",
            "lxc" => $"lxc-stop --name {ShellQuoting.Quote(container.Id)}",
            "nspawn" => $"machinectl stop {ShellQuoting.Quote(container.Id)}",
            _ => $"docker stop {name}",
        };
    }

    /// <summary>The command that thaws a paused container; null for an engine without one.</summary>
    public static string? Thaw(Findings f, ContainerUse container, ComposeUse? compose)
    {
        var name = ShellQuoting.Quote(container.Name ?? Short(container.Id));
        if (compose is { Service: { } service } && container.Engine == "docker")
            return $"docker compose -p {ShellQuoting.Quote(compose.Project)} unpause {ShellQuoting.Quote(service)}";
        return container.Engine switch
        {
            "podman" => AsUser(f, container.UserId) + $"podman unpause {name}",
            "lxc" => $"lxc-unfreeze --name {ShellQuoting.Quote(container.Id)}",
            "containerd" or "cri-o" or "nspawn" => null,
            _ => $"docker unpause {name}",
        };
    }

    // A user's own engine does not know root, and root's does not know the user's containers.
    private static string AsUser(Findings f, uint? user) => user is { } id && id != f.Snapshot.Caller.UserId ? $"sudo -u '#{Wording.Number(id)}' " : "";

    public static string Short(string container) => container.Length > ShortIdLength ? container[..ShortIdLength] : container;
}
