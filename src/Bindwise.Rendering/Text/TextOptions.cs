namespace Bindwise.Rendering.Text;

/// <summary>How much is shown.</summary>
public enum Detail : byte
{
    /// <summary>The first line only (--quiet).</summary>
    Quiet,

    /// <summary>The answer, why, who and what next.</summary>
    Normal,

    /// <summary>With all the evidence (--verbose).</summary>
    Verbose,
}

/// <summary>How a diagnosis is laid out as text.</summary>
/// <param name="Width">The columns to wrap at, at least <see cref="MinimumWidth"/> (a smaller one counts as that); null for no wrapping.</param>
/// <param name="Detail">How much is shown.</param>
public sealed record TextOptions(int? Width = null, Detail Detail = Detail.Normal)
{
    /// <summary>Below this nothing sensible fits.</summary>
    public const int MinimumWidth = 20;
}
