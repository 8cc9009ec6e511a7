namespace Bindwise.Model.Kernels;

/// <summary>The Linux releases from one to another: <c>6.1..6.7</c>, <c>6.8..</c>, <c>..6.7</c>, <c>6.18</c>.</summary>
/// <param name="First">The first release of the range; null for no bound.</param>
/// <param name="Last">The last one, itself included; null for no bound.</param>
internal readonly record struct KernelRange(KernelRelease? First, KernelRelease? Last)
{
    public static KernelRange All { get; }

    public bool Includes(KernelRelease release) =>
        (First is not { } first || release >= first) && (Last is not { } last || release <= last);

    /// <summary>
    /// Whether a release (as uname -r prints it) is in the range. Of one that cannot be read only an unbounded range is sure.
    /// </summary>
    public bool Includes(string release) => this == All || (KernelRelease.TryParse(release, out var read) && Includes(read));

    public bool Overlaps(KernelRange other) =>
        (First is not { } first || other.Last is not { } otherLast || first <= otherLast)
        && (other.First is not { } otherFirst || Last is not { } last || otherFirst <= last);

    /// <summary>Reads a range as it is written; false when it is none.</summary>
    public static bool TryParse(string text, out KernelRange range)
    {
        range = default;
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (first, last) = dots < 0 ? (text, text) : (text[..dots], text[(dots + 2)..]);
        if ((first.Length == 0 && last.Length == 0) || !TryBound(first, out var from) || !TryBound(last, out var to) || from > to)
            return false;
        range = new KernelRange(from, to);
        return true;
    }

    /// <summary>The range as it is written; empty for every release.</summary>
    public override string ToString() => this == All ? "" : First == Last ? $"{First}" : $"{First}..{Last}";

    private static bool TryBound(string text, out KernelRelease? bound)
    {
        bound = null;
        if (text.Length == 0)
            return true;
        if (!KernelRelease.TryParse(text, out var release) || !char.IsAsciiDigit(text[^1]) || text.AsSpan().Count('.') != 1)
            return false;
        bound = release;
        return true;
    }
}
