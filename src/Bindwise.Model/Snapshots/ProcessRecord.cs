namespace Bindwise.Diagnostics;

/// <summary>
/// A process, as /proc tells it. Every text is what the process chose: bytes that are not UTF-8 stand as <c>\xNN</c>, and renderers escape
/// the rest.
/// </summary>
public sealed record ProcessRecord
{
    private readonly EquatableArray<string> _arguments;

    /// <summary>The process id in the namespace of the caller.</summary>
    public required int Id { get; init; }

    /// <summary>The kernel holds up who reads its links, stat and memory: only what waits for no lock was read.</summary>
    public bool IsStuck { get; init; }

    /// <summary>
    /// Its id inside its own PID namespace (the last of NSpid, proc_pid_status(5)); null when it shares the caller's, or it is not known.
    /// </summary>
    public int? NamespacePid { get; init; }

    /// <summary>
    /// It is process 1 of its PID namespace, here or below: the kernel drops every signal to it that it has no handler for, but SIGKILL
    /// from above (pid_namespaces(7)).
    /// </summary>
    internal bool IsFirst => Id == 1 || NamespacePid == 1;

    /// <summary>The parent's id; 0 when it is outside the caller's namespace.</summary>
    public int ParentId { get; init; }

    /// <summary>The process group (proc_pid_stat(5), pgrp): what Ctrl+C would end; 0 when not known.</summary>
    public int GroupId { get; init; }

    /// <summary>The session (proc_pid_stat(5), session); 0 when not known.</summary>
    public int SessionId { get; init; }

    /// <summary>The short name (comm), at most 15 bytes.</summary>
    public string Name { get; init; } = "";

    /// <summary>The command line, one element an argument; empty for kernel threads and zombies.</summary>
    public ImmutableArray<string> Arguments { get => _arguments; init => _arguments = value; }

    /// <summary>The executable's path without the kernel's " (deleted)"; null when it may not be read.</summary>
    public string? Executable { get; init; }

    /// <summary>
    /// What the executable was built with, where its file says so beyond doubt (.NET, Go); read of holders of sockets only.
    /// </summary>
    public Runtime? BuiltFor { get; init; }

    /// <summary>The executable was deleted or replaced since it was started.</summary>
    public bool ExecutableDeleted { get; init; }

    /// <summary>The working directory; null when it may not be read.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The effective user id; null when the process vanished first.</summary>
    public uint? UserId { get; init; }

    /// <summary>The user's name; null when there is none.</summary>
    public string? UserName { get; init; }

    /// <summary>When it was started, in clock ticks since boot (/proc/PID/stat field 22): tells a reused pid apart.</summary>
    public ulong StartTicks { get; init; }

    /// <summary>Whether it is the same process, whatever it executes by now.</summary>
    internal bool IsSameAs(ProcessRecord other) => (Id, StartTicks) == (other.Id, other.StartTicks);

    /// <summary>When it was started, as a date.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>It has started children before that have ended (/proc/PID/stat field 11), as what starts a server again has.</summary>
    public bool HasReapedChildren { get; init; }

    /// <summary>The state letter of /proc/PID/stat (R, S, D, T stopped, t traced, Z zombie …).</summary>
    public char State { get; init; } = '?';

    /// <summary>Threads that are still alive although the leader is a zombie.</summary>
    public int LivingThreads { get; init; }

    /// <summary>The cgroup path; null when not known.</summary>
    public string? Cgroup { get; init; }

    /// <summary>The cgroup's id (v2), to hold against <see cref="HeldSocket.CgroupId"/>; 0 when not known.</summary>
    public ulong CgroupId { get; init; }

    /// <summary>What freezes the process (docker pause, systemctl freeze); null while it may run.</summary>
    internal CgroupFreeze? Freeze { get; init; }

    /// <summary>The systemd unit of the cgroup, as <c>nginx.service</c>; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>The container id of the cgroup, whole; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>The controlling terminal, as <c>pts/3</c> or <c>tty1</c>; null for none.</summary>
    public string? Terminal { get; init; }

    /// <summary>
    /// Its process group is the foreground one of its terminal (tpgid of proc_pid_stat(5)): what Ctrl+C there would reach.
    /// </summary>
    public bool IsInForeground { get; init; }

    /// <summary>
    /// The nearest folder at or above the working directory that holds a project (package.json, *.csproj, .git …); looked for only with
    /// processes that hold a socket in question. Null for none, or where it was not looked for.
    /// </summary>
    public string? ProjectFolder { get; init; }

    /// <summary>
    /// The git branch that is checked out in <see cref="ProjectFolder"/>, or the first seven digits of a commit where none is; null for no
    /// working tree.
    /// </summary>
    public string? ProjectBranch { get; init; }

    /// <summary>
    /// How many times PM2 or Docker restarted it; null where neither runs it. systemd's count (NRestarts) is known to its bus alone.
    /// </summary>
    public int? Restarts { get; init; }

    /// <summary>The name under which supervisord or PM2 runs it, told by its environment; null for none.</summary>
    public string? SupervisedAs { get; init; }

    /// <summary>
    /// Its supervisord has no control socket, [unix_http_server] or [inet_http_server]: it gave the process no SUPERVISOR_SERVER_URL.
    /// </summary>
    internal bool IsWithoutSupervisorControl { get; init; }

    /// <summary>The debugger that traces it, where that has stopped it; null for none, and where its name may not be read.</summary>
    internal TracerRecord? Tracer { get; init; }

    /// <summary>What becomes of signals to it; looked at with holders of sockets only. Null where it was not, or may not be.</summary>
    internal SignalMasks? Signals { get; init; }
}

/// <summary>A process that traces another one (ptrace(2)).</summary>
internal sealed record TracerRecord(int Id, string Name);

/// <summary>
/// A frozen control group (cgroup.freeze, freezer.state): its processes do not run until every group that freezes them is thawed.
/// </summary>
internal sealed record CgroupFreeze
{
    private readonly EquatableArray<string> _files;

    /// <summary>
    /// The path of the group that freezes the process, as /proc/PID/cgroup shows paths: the process's own, or one above it.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>
    /// The files of this group and of frozen ones above it into which <c>0</c> (v1: <c>THAWED</c>) is written to thaw them.
    /// </summary>
    public ImmutableArray<string> Files { get => _files; init => _files = value; }

    /// <summary>It is a group of cgroups v1 (freezer.state), where not even SIGKILL ends a frozen process.</summary>
    public bool IsVersion1 { get; init; }
}

/// <summary>What becomes of signals to a process (proc_pid_status(5)); bit n - 1 stands for signal n.</summary>
/// <param name="Blocked">SigBlk of every thread, less what it reads from a signalfd(2): such a signal waits for ever.</param>
/// <param name="Caught">SigCgt: it has a handler, or it reads the signal from a signalfd(2).</param>
internal readonly record struct SignalMasks(ulong Blocked, ulong Ignored, ulong Caught)
{
    /// <summary>SIGTERM has its default action: it ends the process, but for process 1 of a PID namespace.</summary>
    public bool LeaveTerminate => ((Blocked | Ignored | Caught) >> 14 & 1) == 0;

    public bool IgnoreTerminate => (Ignored >> 14 & 1) != 0;
}
