using System.Globalization;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>The Linux releases from one to another, by major and minor number: <c>6.1..6.7</c>, <c>6.8..</c>, <c>..6.7</c>, <c>6.18</c>.</summary>
/// <param name="First">The first release of the range, as major * 65536 + minor; 0 for no bound.</param>
/// <param name="Last">The last one, itself included; <see cref="int.MaxValue"/> for no bound.</param>
public readonly record struct KernelRange(int First, int Last)
{
    private const int Open = int.MaxValue;
    private const int MostDigits = 5;

    /// <summary>Every release of the kernel.</summary>
    public static KernelRange All { get; } = new(0, Open);

    /// <summary>Whether a release (as uname -r prints it) is in the range. Of one that cannot be read only an unbounded range is sure.</summary>
    public bool Includes(string release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return this == All || (TryRelease(release, isWhole: false, out var number) && number >= First && number <= Last);
    }

    /// <summary>Whether a release is in both.</summary>
    public bool Overlaps(KernelRange other) => First <= other.Last && other.First <= Last;

    /// <summary>Reads a range as it is written; false when it is none.</summary>
    public static bool TryParse(string text, out KernelRange range)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (first, last) = dots < 0 ? (text, text) : (text[..dots], text[(dots + 2)..]);
        var (from, to) = (0, Open);
        var isRange = (first.Length > 0 || last.Length > 0)
            && (first.Length == 0 || TryRelease(first, isWhole: true, out from))
            && (last.Length == 0 || TryRelease(last, isWhole: true, out to))
            && from <= to;
        range = isRange ? new KernelRange(from, to) : default;
        return isRange;
    }

    /// <summary>The range as it is written; empty for every release.</summary>
    public override string ToString() => this == All ? "" : First == Last ? Spell(First) : $"{Spell(First)}..{Spell(Last)}";

    private static string Spell(int release) => release is 0 or Open ? "" : string.Create(CultureInfo.InvariantCulture, $"{release >> 16}.{release & 0xFFFF}");

    // Of 6.18.44-rc1 the first two numbers count.
    private static bool TryRelease(string text, bool isWhole, out int number)
    {
        number = 0;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 1 || !TryNumber(text.AsSpan(0, dot), out var major))
            return false;
        var rest = text.AsSpan(dot + 1);
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits >= 0 && isWhole)
            return false;
        if (!TryNumber(digits < 0 ? rest : rest[..digits], out var minor))
            return false;
        number = (major << 16) | minor;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= MostDigits && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 0x7FFF;
    }
}
