using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes.StartedFrom;

/// <summary>
/// The name under which a supervisor runs a process, and how often it started it anew, from the variables that the supervisor sets for it.
/// The environment is looked into only beneath a supervisor, and nothing else of it is kept.
/// </summary>
internal static class Supervision
{
    private const int LimitBytes = 64 * 1024;
    private const int MaximumDepth = 16;

    /// <summary>The process with the name, and with how often PM2 has started it anew; itself where it has no supervisor.</summary>
    internal static ProcessRecord Complete(string root, ProcessRecord process, IReadOnlyDictionary<int, ProcessRecord> processes)
    {
        var at = process;
        for (var depth = 0; depth < MaximumDepth; depth++)
        {
            if (!processes.TryGetValue(at.ParentId, out var parent))
                return process;
            if (parent.Name == "supervisord")
                return process with { SupervisedAs = OfSupervisord(root, process.Id) };
            if (parent.Name.StartsWith("PM2 ", StringComparison.Ordinal))
                return OfPm2(process, Environment(root, process.Id));
            at = parent;
        }
        return process;
    }

    private static ProcessRecord OfPm2(ProcessRecord process, ReadOnlySpan<byte> environment) => process with
    {
        SupervisedAs = Variable(environment, "name="u8),
        Restarts = int.TryParse(Variable(environment, "restart_time="u8), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count : null,
    };

    // supervisorctl takes GROUP:NAME, and NAME alone where the group is called like it.
    private static string? OfSupervisord(string root, int pid)
    {
        var environment = Environment(root, pid);
        var name = Variable(environment, "SUPERVISOR_PROCESS_NAME="u8);
        var group = Variable(environment, "SUPERVISOR_GROUP_NAME="u8);
        return name is null || group is null || group == name ? name : group + ":" + name;
    }

    private static ReadOnlySpan<byte> Environment(string root, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return [];
        var path = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{root}/proc/{pid}/environ\0"));
        return ProcFile.ReadAll(OpenAt.WorkingDirectory, path, LimitBytes, out var bytes) == Errno.None ? bytes : [];
    }

    private static string? Variable(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> name)
    {
        foreach (var range in environment.Split((byte)0))
        {
            var line = environment[range];
            if (line.Length > name.Length && line.Length <= name.Length + 256 && line.StartsWith(name))
                return KernelText.Decode(line[name.Length..]);
        }
        return null;
    }
}
