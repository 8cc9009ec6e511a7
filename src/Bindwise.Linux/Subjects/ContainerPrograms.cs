using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Native;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Subjects;

/// <summary>The processes of a container, by its id or by its name.</summary>
internal static class ContainerPrograms
{
    /// <exception cref="InspectionException">None, or more than one, is meant; or it does not run.</exception>
    internal static (string Id, string? Name, IReadOnlyList<int> Processes) Find(string text)
    {
        var running = Running();
        var byId = running.ContainsKey(text) ? [text] : running.Keys.Where(id => IsPrefix(text, id)).ToList();
        if (byId.Count > 1)
            throw new InspectionException(
                $"{text} may be {ContainerRecord.ShortId(byId[0])} or {ContainerRecord.ShortId(byId[1])}: give more of the container's id");
        if (byId.Count == 1)
            return (byId[0], null, running[byId[0]]);
        var named = new ContainerReader().FindByName(text, running.Keys, EffectiveIds.User());
        if (named is null)
            throw new InspectionException(
                $"no container '{text}' runs here, according to cgroups, Docker and Podman: give its id, or its main process with --pid");
        if (running.TryGetValue(named.Id, out var processes))
            return (named.Id, named.Name, processes);
        throw new InspectionException($"the container '{text}' ({ContainerRecord.ShortId(named.Id)}) has no process: it is not running");
    }

    private static Dictionary<string, List<int>> Running()
    {
        var containers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        CgroupMembers.Visit((pid, file) =>
        {
            if (file.Paths.Select(CgroupPath.Container).FirstOrDefault(static container => container is not null) is not { } container)
                return;
            if (!containers.TryGetValue(container, out var processes))
                containers.Add(container, processes = []);
            processes.Add(pid);
        });
        return containers;
    }

    // As the engines take them; a name such as "db" is no beginning of an id.
    private static bool IsPrefix(string text, string id) =>
        text.Length >= 4 && id.Length == 64 && id.StartsWith(text, StringComparison.OrdinalIgnoreCase);
}
