using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>One question and its two answers: the text for people and the JSON.</summary>
/// <param name="Text">The text, as it came to people.</param>
/// <param name="Answers">The answers in JSON.</param>
internal sealed partial record Asked(Outcome Text, IReadOnlyList<Answer> Answers)
{
    /// <summary>Its lines, without colours.</summary>
    public IReadOnlyList<string> Lines { get; } =
        [.. Colours().Replace(Text.Output, "").Replace("\r", "", StringComparison.Ordinal).TrimEnd('\n').Split('\n')];

    /// <summary>Asks as the row says.</summary>
    public static async Task<Asked> AskAsync(Machine machine, Situation row)
    {
        var pasted = row.Pasted?.Invoke(machine);
        return new Asked(await ReportAsync(machine, row, pasted, row.Terminal, 80).ConfigureAwait(false), await JsonAsync(machine, row, row.User).ConfigureAwait(false));
    }

    /// <summary>The same question in JSON.</summary>
    public static async Task<IReadOnlyList<Answer>> JsonAsync(Machine machine, Situation row, int user)
    {
        var outcome = await machine.Host.RunAsAsync(user, row.Pasted?.Invoke(machine), [Programs.Bindwise, "why", .. Words(machine, row), "--json"]).ConfigureAwait(false);
        Assert.True(outcome.Error.Length == 0, "nothing on standard error\n" + outcome);
        return Asking.Answers(outcome);
    }

    /// <summary>The same question for people at another width, into a pipe.</summary>
    public static async Task<IReadOnlyList<string>> LinesAsync(Machine machine, Situation row, int columns) =>
        new Asked(await ReportAsync(machine, row, row.Pasted?.Invoke(machine), null, columns).ConfigureAwait(false), []).Lines;

    private static Task<Outcome> ReportAsync(Machine machine, Situation row, string? pasted, int? terminal, int columns)
    {
        var width = (terminal ?? columns).ToString(CultureInfo.InvariantCulture);
        string[] where = terminal is null ? ["env", "COLUMNS=" + width] : ["python3", "-B", "-S", Programs.Script("in_terminal.py"), width];
        return machine.Host.RunAsAsync(row.User, pasted, [.. where, Programs.Bindwise, "why", .. Words(machine, row)]);
    }

    private static string[] Words(Machine machine, Situation row) =>
        [.. row.Ask.Split(' ').Select(word => word.Replace("@FOLDER@", machine.Project, StringComparison.Ordinal))];

    [GeneratedRegex(@"\e\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colours();
}
