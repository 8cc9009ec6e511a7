namespace Bindwise.Linux.Processes;

/// <summary>How the look at one table of descriptors ended.</summary>
internal enum WalkOutcome
{
    /// <summary>Read to its end.</summary>
    Read,

    /// <summary>The process or thread ended meanwhile: it holds nothing any more.</summary>
    Vanished,

    /// <summary>This user may not read it.</summary>
    Unreadable,

    /// <summary>No descriptor or memory was left to read it with: may be tried again.</summary>
    Exhausted,

    /// <summary>The kernel answered with an error that is not expected here.</summary>
    Failed,
}
