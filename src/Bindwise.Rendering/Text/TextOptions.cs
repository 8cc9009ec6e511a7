namespace Bindwise.Rendering.Text;

/// <summary>How a diagnosis is laid out as text.</summary>
/// <param name="Width">The columns to wrap at, at least <see cref="MinimumWidth"/> (a smaller one
/// counts as that); null for no wrapping.</param>
internal sealed record TextOptions(int? Width = null, Detail Detail = Detail.Normal)
{
    /// <summary>Below this nothing sensible fits.</summary>
    public const int MinimumWidth = 20;
}
