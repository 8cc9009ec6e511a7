using System.Text.Json;
using Bindwise.Linux.Text;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Linux.Processes.StartedFrom;

/// <summary>
/// The name under which a supervisor runs a process, and how often it started it anew, from the variables that the supervisor sets for it.
/// The environment is looked into only beneath a supervisor, and nothing else of it is kept.
/// </summary>
internal static class Supervision
{
    private const int LimitBytes = 64 * 1024;
    private const int MaximumDepth = 16;

    /// <summary>So many children of PM2 are looked at.</summary>
    private const int MaximumWorkers = 256;
    private const int LongestName = 256;

    /// <summary>
    /// The process with the name, and with how often PM2 has started it anew; itself where it has no supervisor. PM2 itself gets the name
    /// of the app that it holds sockets for.
    /// </summary>
    internal static ProcessRecord Complete(string root, ProcessRecord process, IReadOnlyDictionary<int, ProcessRecord> processes)
    {
        if (Supervisors.KindOf(process) == ToolKind.Pm2)
            return process with { SupervisedAs = OfPm2Workers(root, process.Id) };
        var at = process;
        for (var depth = 0; depth < MaximumDepth; depth++)
        {
            if (!processes.TryGetValue(at.ParentId, out var parent))
                return process;
            switch (Supervisors.KindOf(parent))
            {
                case ToolKind.Supervisord:
                    return OfSupervisord(process, Environment(root, process.Id));
                case ToolKind.Pm2:
                    return OfPm2(process, Environment(root, process.Id));
            }
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

    /// <summary>
    /// In cluster mode PM2 listens, and hands what it accepts to workers, which alone tell whose socket it is; null where they are of
    /// several apps.
    /// </summary>
    private static string? OfPm2Workers(string root, int pid)
    {
        string? found = null;
        foreach (var worker in ChildrenOf(root, pid))
        {
            if (AppOf(Environment(root, worker)) is not { } app || app == found)
                continue;
            if (found is not null)
                return null;
            found = app;
        }
        return found;
    }

    // Those of its first thread, which starts all that Node.js starts (proc_pid_children(5)).
    private static List<int> ChildrenOf(string root, int pid)
    {
        var children = new List<int>();
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return children;
        var path = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{root}/proc/{pid}/task/{pid}/children\0"));
        if (ProcFile.ReadAll(OpenAt.WorkingDirectory, path, LimitBytes, out var bytes) != Errno.None)
            return children;
        foreach (var range in bytes.Split((byte)' '))
        {
            if (children.Count < MaximumWorkers && int.TryParse(bytes[range], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                children.Add(id);
        }
        return children;
    }

    /// <summary>The app of a worker: the name in what PM2 gives to each as one variable (ClusterMode.js); null for another child.</summary>
    private static string? AppOf(ReadOnlySpan<byte> environment)
    {
        var sign = "pm2_env="u8;
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].StartsWith(sign))
                return NameIn(environment[range][sign.Length..]);
        }
        return null;
    }

    // It holds the whole environment as well, and may be cut.
    private static string? NameIn(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("name"u8)
                    && reader.Read())
                    return reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: <= LongestName } name ? name : null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The process chose what stands there.
        }
        return null;
    }

    // supervisorctl takes GROUP:NAME, and NAME alone where the group is called like it.
    private static ProcessRecord OfSupervisord(ProcessRecord process, ReadOnlySpan<byte> environment)
    {
        var name = Variable(environment, "SUPERVISOR_PROCESS_NAME="u8);
        var group = Variable(environment, "SUPERVISOR_GROUP_NAME="u8);
        return process with
        {
            SupervisedAs = name is null || group is null || group == name ? name : group + ":" + name,
            IsWithoutSupervisorControl = name is not null && environment.IndexOf("\0SUPERVISOR_SERVER_URL="u8) < 0
                && !environment.StartsWith("SUPERVISOR_SERVER_URL="u8),
        };
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
            if (line.Length > name.Length && line.Length <= name.Length + LongestName && line.StartsWith(name))
                return KernelText.Decode(line[name.Length..]);
        }
        return null;
    }
}
