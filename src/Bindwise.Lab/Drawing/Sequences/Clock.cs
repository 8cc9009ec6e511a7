using System.Globalization;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Times at the side of a diagram: whole seconds where all are whole, else milliseconds.</summary>
internal sealed class Clock
{
    private readonly bool isWhole;

    /// <summary>Looks at all times.</summary>
    public Clock(IReadOnlyList<SequenceItem> items)
    {
        isWhole = true;
        foreach (var item in items)
            isWhole &= item.At.Ticks % TimeSpan.TicksPerSecond == 0;
        if (items.Count > 0)
            Columns = Of(items[^1].At).Length + 3;
    }

    /// <summary>How many columns times take, with the space before and behind them.</summary>
    public int Columns { get; } = 6;

    /// <summary>A time.</summary>
    public string Of(TimeSpan at) => isWhole
        ? string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:0.000} s");

    /// <summary>How long something takes: no more digits than say something.</summary>
    public static string Length(TimeSpan length) => length.TotalSeconds >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.##} s");
}
