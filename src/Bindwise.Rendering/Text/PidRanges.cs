using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>Many process ids in few words.</summary>
internal static class PidRanges
{
    private const int MaximumRanges = 4;

    /// <summary><c>pid 7</c>, or <c>pids 4122–4318, 4400, …</c>: in order, neighbours joined.</summary>
    public static string Describe(IEnumerable<int> ids)
    {
        var ranges = new List<(int First, int Last)>();
        var count = 0;
        foreach (var id in ids.Order())
        {
            count++;
            if (ranges.Count > 0 && ranges[^1].Last >= (long)id - 1)
                ranges[^1] = (ranges[^1].First, id);
            else
                ranges.Add((id, id));
        }
        var shown = ranges.Take(MaximumRanges).Select(range =>
            range.First == range.Last ? Invariant($"{range.First}") : Invariant($"{range.First}–{range.Last}"));
        return (count == 1 ? "pid " : "pids ") + string.Join(", ", shown) + (ranges.Count > MaximumRanges ? ", …" : "");
    }
}
