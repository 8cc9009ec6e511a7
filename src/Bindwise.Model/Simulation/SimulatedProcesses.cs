using System.Runtime.InteropServices;

namespace Bindwise.Model.Simulation;

/// <summary>
/// The processes of a scenario, with the descriptors of their sockets. A new one gets the lowest number that is free (alloc_fd(),
/// fs/file.c). At its end a process closes them from the highest down: exit_files() puts them aside one after the other, and what was put
/// aside last is done first (close_files(), fs/file.c; task_work_run(), kernel/task_work.c).
/// </summary>
internal sealed class SimulatedProcesses
{
    private readonly Dictionary<string, List<string?>> _descriptors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <summary>The process that a socket belongs to; null for the player.</summary>
    public string? OwnerOf(string socket) => _owners.GetValueOrDefault(socket);

    /// <summary>A process of this name runs, from now on if it did not.</summary>
    public void Start(string process)
    {
        ref var descriptors = ref CollectionsMarshal.GetValueRefOrAddDefault(_descriptors, process, out _);
        descriptors ??= [];
    }

    /// <param name="process">The process, which runs; null for the player, whose descriptors nobody counts.</param>
    public void Give(string socket, string? process)
    {
        if (process is null)
            return;
        var descriptors = _descriptors[process];
        var free = descriptors.IndexOf(null);
        if (free < 0)
            descriptors.Add(socket);
        else
            descriptors[free] = socket;
        _owners[socket] = process;
    }

    public void Take(string socket)
    {
        if (!_owners.Remove(socket, out var process))
            return;
        var descriptors = _descriptors[process];
        descriptors[descriptors.IndexOf(socket)] = null;
    }

    /// <returns>Its sockets in the order in which they are closed; null when there is no such process.</returns>
    public IReadOnlyList<string>? End(string process)
    {
        if (!_descriptors.Remove(process, out var descriptors))
            return null;
        var sockets = new List<string>();
        for (var number = descriptors.Count - 1; number >= 0; number--)
        {
            if (descriptors[number] is not { } socket)
                continue;
            _owners.Remove(socket);
            sockets.Add(socket);
        }
        return sockets;
    }
}
