using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Saving;

/// <summary>Ranges of ports in a snapshot file.</summary>
internal static class PortRangeFormat
{
    /// <summary>Ports from first to last.</summary>
    public static readonly Format<PortRange> Range = new RecordFormat<PortRange>(default)
        .Required("first", Plain.Int32, x => x.First, (x, v) => x with { First = v })
        .Required("last", Plain.Int32, x => x.Last, (x, v) => x with { Last = v });
}
