using System.Globalization;
using System.Text.RegularExpressions;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>One screen; and what is to be pasted stands whole on one line.</summary>
internal static partial class LengthCheck
{
    private const int OfTimeWait = 12;

    /// <summary>Checks a row.</summary>
    public static async Task RunAsync(Machine machine, Situation row, Asked asked, Faults faults)
    {
        if (asked.Answers.Count == 0)
            return;
        var isTimeWait = asked.Answers[0].Cause == "time-wait";
        var limit = (isTimeWait ? OfTimeWait : row.Lines) * row.Answers;
        faults.Expect(asked.Lines.Count <= limit, $"at most {limit} lines, not {asked.Lines.Count}");
        foreach (var line in asked.Lines.Where(static line => line.Length > 80 && !Command().IsMatch(line)))
            faults.Expect(false, "80 columns: " + line);
        Whole(asked, asked.Lines, faults);
        if (isTimeWait)
        {
            var narrow = await Asked.LinesAsync(machine, row, 60);
            faults.Expect(narrow.Count <= OfTimeWait * row.Answers, $"at most {OfTimeWait * row.Answers} lines at 60 columns, not {narrow.Count}");
            Whole(asked, narrow, faults);
        }
        await PortsAsync(machine, asked, faults);
    }

    /// <summary>A command is there whole, or not at all.</summary>
    private static void Whole(Asked asked, IReadOnlyList<string> lines, Faults faults)
    {
        foreach (var remedy in asked.Answers.SelectMany(static answer => answer.Remedies))
        {
            if (remedy.Command is not { } command || command.Contains('\n', StringComparison.Ordinal))
                continue;
            var begun = string.Join(' ', command.Split(' ').Take(2));
            var isWhole = lines.Any(line => line.Contains(command, StringComparison.Ordinal));
            var isBegun = lines.Any(line => line.EndsWith(begun, StringComparison.Ordinal) && begun != command);
            faults.Expect(isWhole || !isBegun, "on one line: " + command);
        }
    }

    /// <summary>A port that is called free is free.</summary>
    private static async Task PortsAsync(Machine machine, Asked asked, Faults faults)
    {
        var target = asked.Answers[0].Target;
        var text = string.Join(' ', asked.Lines.Select(static line => line.Trim()));
        faults.Expect(!text.Contains("Take another port", StringComparison.Ordinal) || AnotherPort().IsMatch(text), "another port is one that is free, by its number");
        foreach (Match match in FreePort().Matches(text))
        {
            var port = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            if (target.Protocol == "unix" || port == target.Port)
                continue;
            var results = await Reality.StartAsync(machine, 0, target with { Port = port, Address = null });
            faults.Expect(results.All(static result => result == "ok"), $"{port} is free as told, not {string.Join(", ", results)}");
        }
    }

    [GeneratedRegex(@"\b(\d+) is free\b")]
    private static partial Regex FreePort();

    [GeneratedRegex(@"Take another port; \d+ is free")]
    private static partial Regex AnotherPort();

    [GeneratedRegex(@"^ {6,}\S|^  (next|or) ")]
    private static partial Regex Command();
}
