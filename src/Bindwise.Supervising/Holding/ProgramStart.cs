namespace Bindwise.Supervising.Holding;

/// <summary>
/// What a start of a program has of the system: a child of this process, and the channel to it. Where it stands is in its
/// <see cref="Restarting.StartState"/>.
/// </summary>
/// <param name="channel">The channel to it, which ends when it executes the program.</param>
[SupportedOSPlatform("linux")]
internal sealed class ProgramStart(int id, int process, SafeFileDescriptor channel) : IDisposable
{
    internal int Id { get; } = id;

    internal bool IsFirst => Id == 0;

    internal int ProcessId { get; } = process;

    /// <summary>Null once the program is executed, or was not.</summary>
    internal SafeFileDescriptor? Channel { get; private set; } = channel;

    /// <summary>When it began, in clock ticks since the system's start.</summary>
    internal ulong BeganAt { get; } = Descendants.BeganAt(process) ?? 0;

    /// <summary>It has told of its filter, so that what it tells next is about the program.</summary>
    internal bool IsPrepared { get; set; }

    /// <summary>What it left behind, as far as that was looked for.</summary>
    internal IReadOnlyList<int> Rest { get; set; } = [];

    internal void CloseChannel()
    {
        Channel?.Dispose();
        Channel = null;
    }

    public void Dispose() => CloseChannel();
}
