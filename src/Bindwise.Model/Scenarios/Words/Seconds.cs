namespace Bindwise.Model.Scenarios.Words;

internal static class Seconds
{
    /// <summary>The same number without zeros at its end, which a decimal would print.</summary>
    public static decimal Shortest(decimal seconds) => seconds / 1.0000000000000000000000000000m;
}
