using System.Globalization;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>How long a wait is: <c>66s</c>, <c>1.5s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class BindDuration
{
    private const int MaxChars = 20;

    /// <summary>Reads a duration; gives null, or what is wrong with it.</summary>
    public static string? Read(string text, out decimal seconds)
    {
        seconds = 0;
        var digits = text.AsSpan().TrimEnd("mhs");
        var factor = text[digits.Length..] switch
        {
            "ms" => 0.001m,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => 0m,
        };
        if (factor == 0 || text.Length > MaxChars || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return $"{Fault.Quote(text)} is not a duration; give a number with its unit: ms, s, m or h";
        // Longer than any wait: a product of two such numbers could be more than a decimal holds.
        seconds = number <= ScenarioLimits.WaitSeconds * 1000 ? number * factor : number;
        return StepRules.OfSeconds(seconds);
    }

    /// <summary>The duration as it is written.</summary>
    public static string Of(decimal seconds) => seconds is > 0 and < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Seconds.Shortest(seconds * 1000)}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{Seconds.Shortest(seconds)}s");
}
