using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Diagnostics;

/// <summary>
/// Where a process was started: what runs it, and from where. Every part is null where there is none or it cannot be told.
/// </summary>
public sealed record ProcessProvenance
{
    /// <summary>The systemd unit that it belongs to, as <c>nginx.service</c>.</summary>
    public string? Unit { get; init; }

    /// <summary>Of a service manager: the socket unit on whose behalf it holds the socket.</summary>
    public SocketUnitUse? SocketUnit { get; init; }

    /// <summary>The container that it runs in, or that it serves as a proxy.</summary>
    public ContainerUse? Container { get; init; }

    /// <summary>The compose service of the container.</summary>
    public ComposeUse? Compose { get; init; }

    /// <summary>The Kubernetes pod of the container.</summary>
    public PodUse? Pod { get; init; }

    /// <summary>The controlling terminal, as <c>pts/3</c>; null when it has none, or runs in a container.</summary>
    public string? Terminal { get; init; }

    /// <summary>
    /// <c>tmux</c>, <c>screen</c>, <c>zellij</c>, <c>ssh</c>, <c>mosh</c> or <c>cron</c>: under which its terminal or job runs.
    /// </summary>
    public string? Session { get; init; }

    /// <summary>The editor or IDE among its parents, as <c>VS Code</c>.</summary>
    public string? Editor { get; init; }

    /// <summary>The package script, watcher or supervisor among its parents, or the supervisor that it is itself.</summary>
    public StartingTool? Tool { get; init; }

    /// <summary>The nearest folder at or above its working directory that holds a project.</summary>
    public string? ProjectFolder { get; init; }

    /// <summary>The git branch that is checked out there, or the beginning of a commit's hash.</summary>
    public string? Branch { get; init; }
}

/// <summary>A socket unit and what it starts.</summary>
public sealed record SocketUnitUse
{
    private readonly EquatableArray<string> _others;

    /// <summary>As <c>cups.socket</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The service that it starts, as <c>cups.service</c>; a template with Accept=yes.</summary>
    public required string Service { get; init; }

    /// <summary>It belongs to a user's own manager (<c>systemctl --user</c>).</summary>
    public required bool IsUsers { get; init; }

    /// <summary>Other units that list the same address, where no file tells which of them is started.</summary>
    public required ImmutableArray<string> Others { get => _others; init => _others = value; }
}

/// <summary>The container that an owner runs in, or serves.</summary>
public sealed record ContainerUse
{
    /// <summary>The id, whole.</summary>
    public required string Id { get; init; }

    /// <summary>The name; null when not known.</summary>
    public required string? Name { get; init; }

    /// <summary>
    /// <c>docker</c>, <c>podman</c>, <c>containerd</c>, <c>cri-o</c>, <c>lxc</c>, <c>nspawn</c>; null when the cgroup does not tell.
    /// </summary>
    public required string? Engine { get; init; }

    /// <summary>The image; null when not known.</summary>
    public required string? Image { get; init; }

    /// <summary>The user whose own (rootless) engine runs it; null for the system's engine.</summary>
    public uint? UserId { get; init; }

    /// <summary>Of a proxy: the port in the container that it forwards to; null otherwise.</summary>
    public ushort? Port { get; init; }

    /// <summary>The engine answered who asks, and so takes orders from them without sudo.</summary>
    public bool IsEngineOpen { get; init; }
}

/// <summary>The service of a compose project whose container holds the socket (its labels <c>com.docker.compose.*</c>).</summary>
public sealed record ComposeUse
{
    /// <summary>The project.</summary>
    public required string Project { get; init; }

    /// <summary>The service; null when not known.</summary>
    public required string? Service { get; init; }
}

/// <summary>The Kubernetes pod whose container holds the socket, from the container's labels or its cgroup.</summary>
public sealed record PodUse
{
    /// <summary>The name; null when only the cgroup told of it.</summary>
    public required string? Name { get; init; }

    /// <summary>The namespace; null when not known.</summary>
    public required string? Namespace { get; init; }

    /// <summary>The uid; null when not known.</summary>
    public required string? Uid { get; init; }
}

/// <summary>What a parent is to the process that it started.</summary>
public enum ToolKind : byte
{
    /// <summary>It runs a command once, and ends with it: <c>npm run dev</c>, <c>make run</c>.</summary>
    Runner,

    /// <summary>It starts the command again when it ends or a file changes: <c>nodemon</c>, <c>dotnet watch</c>.</summary>
    Watcher,

    /// <summary>supervisord, which starts the program again when it ends.</summary>
    Supervisord,

    /// <summary>PM2, which starts the program again when it ends.</summary>
    Pm2,

    /// <summary>runsv of runit, which starts the program again when it ends.</summary>
    Runit,

    /// <summary>supervise-daemon of OpenRC, which starts the program again when it ends.</summary>
    OpenRc,

    /// <summary>s6-supervise of s6, which starts the program again when it ends.</summary>
    S6,

    /// <summary>supervise of daemontools, which starts the program again when it ends.</summary>
    Daemontools,
}

/// <summary>A program among the parents by which people start servers.</summary>
public sealed record StartingTool
{
    /// <summary>As one would type it: <c>npm run dev</c>; of a supervisor its name and that of the service.</summary>
    public required string Command { get; init; }

    /// <summary>Its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Its process group: what Ctrl+C would end, where it has a terminal.</summary>
    public required int GroupId { get; init; }

    /// <summary>What it does when its child ends.</summary>
    public required ToolKind Kind { get; init; }

    /// <summary>Of a supervisor: the name under which it runs the process; null when not known.</summary>
    public string? Service { get; init; }
}

/// <summary>
/// Tells where a process was started, from its parents, its cgroup, its terminal, and what units and engines told. Nothing is guessed.
/// </summary>
internal sealed class ProvenanceFinder(Snapshot snapshot, ProcessAncestry ancestry)
{
    // What the parents tell is the same for all their children; but of a supervisor each child has its own name.
    private readonly Dictionary<IReadOnlyList<ProcessRecord>, (StartingTool? Tool, string? Session, string? Editor)> _ofParents = [];

    /// <param name="socket">The socket that it holds; null when it is not in the snapshot.</param>
    public ProcessProvenance Of(ProcessRecord process, HeldSocket? socket)
    {
        var parents = ancestry.Of(process);
        var record = ContainerProvenance.RecordOf(process, socket, snapshot);
        if (!_ofParents.TryGetValue(parents, out var origin) || process.SupervisedAs is not null)
        {
            origin = (ToolProvenance.Of(process, parents), SessionProvenance.Of(parents), SessionProvenance.EditorOf(parents));
            if (process.SupervisedAs is null)
                _ofParents.Add(parents, origin);
        }
        var tool = ToolProvenance.OfItself(process) ?? origin.Tool;
        return new ProcessProvenance
        {
            Unit = process.Unit is { } unit && !unit.StartsWith("user@", StringComparison.Ordinal) ? unit : null,
            SocketUnit = socket is null ? null : SocketUnitProvenance.Of(process, socket, snapshot),
            Container = ContainerProvenance.Of(process, socket, record, parents),
            Compose = record is { ComposeProject: { } project } ? new ComposeUse
            {
                Project = project,
                Service = record.ComposeService,
            } : null,
            Pod = ContainerProvenance.PodOf(process, record),
            // A container has terminals of its own, numbered as those of the host are.
            Terminal = process.Container is null
                ? process.Terminal ?? (tool is null ? null : parents.FirstOrDefault(p => p.Id == tool.ProcessId)?.Terminal) : null,
            Session = origin.Session,
            Editor = origin.Editor,
            Tool = tool,
            ProjectFolder = process.ProjectFolder,
            Branch = process.ProjectBranch,
        };
    }
}
