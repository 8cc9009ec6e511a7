namespace Bindwise.Linux.Native;

/// <summary>What <see cref="SpawnCall"/> starts, and with which descriptors.</summary>
/// <param name="Environment">Its environment, as <c>NAME=VALUE</c>.</param>
internal sealed record SpawnPlan(string Path, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    /// <summary>More arguments, after the others, which need not be UTF-8.</summary>
    internal IReadOnlyList<byte[]> RawArguments { get; init; } = [];

    /// <summary>More of its environment, which need not be UTF-8.</summary>
    internal IReadOnlyList<byte[]> RawEnvironment { get; init; } = [];

    /// <summary>
    /// Its descriptors beside those that it inherits; no number of the first kind may be one of the second, which are filled in turn.
    /// </summary>
    internal IReadOnlyList<(SafeFileDescriptor From, int To)> Descriptors { get; init; } = [];

    /// <summary>Its outputs 1 and 2 are /dev/null; false: this process's own.</summary>
    internal bool WritesNowhere { get; init; }

    /// <summary>It leads a process group of its own; false: it is in this process's, and gets Ctrl+C too.</summary>
    internal bool HasOwnGroup { get; init; }

    /// <summary>It leads a session of its own (setsid(2)): no terminal's signal reaches it.</summary>
    internal bool HasOwnSession { get; init; }

    /// <summary>wait(2) of this process, and of the program that it becomes, tells nothing of it, but with __WALL or __WCLONE.</summary>
    internal bool IsUnwaited { get; init; }

    /// <summary>Signals that do again what they do by default: those that this process ignores, it would ignore too.</summary>
    internal IReadOnlyList<int> DefaultSignals { get; init; } = [];

    /// <summary>It has no descriptor from this one on, also none that was opened without close-on-exec; null: it keeps those.</summary>
    internal int? CloseFrom { get; init; }
}
