namespace Bindwise.Diagnostics;

/// <summary>How much of a diagnosis its text shows.</summary>
public enum Detail : byte
{
    /// <summary>The first line only (--quiet).</summary>
    Quiet,

    /// <summary>The answer, why, who and what next.</summary>
    Normal,

    /// <summary>With all the evidence (--verbose).</summary>
    Verbose,
}
