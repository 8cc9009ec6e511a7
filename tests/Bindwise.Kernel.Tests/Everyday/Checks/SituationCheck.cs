using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>Sets a row up, asks, and holds the answer against what really happens: the first line, the length, the first step.</summary>
internal static class SituationCheck
{
    /// <summary>Runs the row of this name.</summary>
    public static async Task RunAsync(IReadOnlyList<Situation> table, string name)
    {
        var row = table.Single(row => row.Name == name);
        while (!await PlayAsync(row))
        {
        }
    }

    /// <returns>False where the situation did not last until all was asked.</returns>
    private static async Task<bool> PlayAsync(Situation row)
    {
        await using var machine = await Machine.OpenAsync();
        await row.SetUp(machine);
        return await Passing.OutlastsAsync(machine.Host, async () =>
        {
            var asked = await Asked.AskAsync(machine, row);
            var faults = new Faults();
            await HeadlineCheck.RunAsync(machine, row, asked, faults);
            await LengthCheck.RunAsync(machine, row, asked, faults);
            await CommandsCheck.RunAsync(machine, row, asked, faults);
            await AdviceCheck.RunAsync(machine, row, asked, faults);
            Assert.True(faults.None, $"{row.Name}\n{faults}\n{asked.Text}\n{(asked.Answers.Count > 0 ? asked.Answers[0].Outcome.Output : "")}");
        });
    }
}

/// <summary>What is wrong with an answer: all of it, since one fault hides no other.</summary>
internal sealed class Faults
{
    private readonly List<string> _faults = [];

    /// <summary>Nothing is wrong.</summary>
    public bool None => _faults.Count == 0;

    /// <summary>Notes what should have been, where it is not.</summary>
    public bool Expect(bool condition, string what)
    {
        if (!condition)
            _faults.Add(what);
        return condition;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _faults.Select(static fault => "  expected: " + fault));
}
