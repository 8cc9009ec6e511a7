namespace Bindwise.Lab.Recording;

/// <summary>How scenarios are recorded.</summary>
public sealed record RecordingOptions
{
    /// <summary>A wait that is longer than this is left to the model where <see cref="IsFast"/>.</summary>
    public static readonly TimeSpan FastWait = TimeSpan.FromSeconds(1);

    /// <summary>On the model; the default.</summary>
    public bool OnModel { get; init; } = true;

    /// <summary>On the running kernel; the default.</summary>
    public bool OnKernel { get; init; } = true;

    /// <summary>
    /// Waits of more than a second are not waited for: the kernel's record ends there and goes on with what the model says, on virtual time
    /// (<see cref="Record.VirtualFrom"/>). The model always plays then.
    /// </summary>
    public bool IsFast { get; init; }

    /// <summary>The plays that may be under way at once on the kernel; those that wait cost next to nothing.</summary>
    public int AtOnce { get; init; } = 64;
}
