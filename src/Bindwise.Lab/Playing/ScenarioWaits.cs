namespace Bindwise.Lab.Playing;

/// <summary>How long a scenario waits on the kernel, as its steps alone tell.</summary>
/// <param name="MostSeconds">With retries that try to their end.</param>
internal readonly record struct ScenarioWaits(decimal LeastSeconds, decimal MostSeconds)
{
    /// <summary>Adds up the waits and the retries of a scenario's steps.</summary>
    public static ScenarioWaits Of(Scenario scenario)
    {
        var (least, most) = (0m, 0m);
        foreach (var step in scenario.Steps)
        {
            least += step is WaitStep wait ? wait.Seconds : 0;
            most += step switch
            {
                WaitStep { Seconds: var seconds } => seconds,
                RetryStep retry => retry.ForSeconds,
                _ => 0,
            };
        }
        return new ScenarioWaits(least, most);
    }

    /// <summary>For a sentence: <c>66 s</c>, <c>up to 70 s</c>, <c>66 to 136 s</c>, <c>1 h 6 min 40 s (4000 s)</c>.</summary>
    public override string ToString()
    {
        var longest = Long(MostSeconds);
        if (LeastSeconds == MostSeconds)
            return longest.Length == 0 ? Plain(MostSeconds) : $"{longest} ({Plain(MostSeconds)})";
        var range = LeastSeconds == 0 ? $"up to {Plain(MostSeconds)}"
            : string.Create(CultureInfo.InvariantCulture, $"{LeastSeconds:0.###} to {Plain(MostSeconds)}");
        return longest.Length == 0 ? range : $"{range} (up to {longest})";
    }

    private static string Plain(decimal seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s");

    // Nothing below two minutes, which everybody reads in seconds.
    private static string Long(decimal seconds)
    {
        if (seconds < 120)
            return "";
        var whole = (long)decimal.Round(seconds);
        var text = new StringBuilder();
        foreach (var (unit, length) in new (string, long)[] { ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1) })
        {
            if (whole / length is > 0 and var count)
                text.Append(text.Length == 0 ? "" : " ").Append(CultureInfo.InvariantCulture, $"{count} {unit}");
            whole %= length;
        }
        return text.ToString();
    }
}
