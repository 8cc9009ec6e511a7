using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Model.Text;

namespace Bindwise.Rendering.Scenarios;

/// <summary>
/// What playing a scenario gave, for people: a row a step with its result, model and kernel side by side where both played, the rule and,
/// below, who was in the way and why. Expectations that were met need no row.
/// </summary>
internal static class ScenarioResultText
{
    public const int DefaultWidth = 80;

    // Two for the mark, three for the index, two to keep apart.
    private const int StepColumn = 7;

    // EADDRNOTAVAIL, and one to keep apart. An address with its port may take more, up to a point; no more than there is room for.
    private const int FewestResultCells = 14;
    private const int MostResultCells = 24;

    // A rule's id.
    private const int RuleCells = 6;

    public static ImmutableArray<TextLine> Render(ScenarioResult result, int? width)
    {
        var isOnBoth = result.Steps.Any(static outcome => outcome is { Model: not null, Kernel: not null });
        var longest = 0;
        foreach (var outcome in result.Steps)
            longest = Math.Max(longest, Math.Max(outcome.Model?.Result.Length ?? 0, outcome.Kernel?.Result.Length ?? 0));
        var cells = width ?? DefaultWidth;
        var room = Math.Max("model ".Length, (cells - StepColumn - RuleCells - 1) / (isOnBoth ? 2 : 1));
        var rows = new Rows(cells, isOnBoth, Math.Min(room, Math.Clamp(longest + 1, FewestResultCells, MostResultCells)));
        rows.Heading(result.Scenario.Name);
        for (var index = 0; index < result.Steps.Length; index++)
            rows.Step(index, result.Steps[index]);
        rows.Conclusion(result);
        return rows.Lines;
    }

    /// <summary>A blocker for people: "old by TIME_WAIT", as hosts name what is left of a closed socket, reads badly after "by".</summary>
    internal static string Spell(string blocker)
    {
        const string Separator = " by ";
        var at = blocker.IndexOf(Separator, StringComparison.Ordinal);
        return at < 0 ? blocker : $"{blocker[..at]} ({blocker[(at + Separator.Length)..]})";
    }

    private sealed class Rows(int width, bool isOnBoth, int resultCells)
    {
        private readonly int _stepCells =
            Math.Max(0, width - StepColumn - (isOnBoth ? 2 * resultCells : resultCells) - RuleCells - 1);
        private readonly ImmutableArray<TextLine>.Builder _lines = ImmutableArray.CreateBuilder<TextLine>();

        public ImmutableArray<TextLine> Lines => _lines.ToImmutable();

        public void Heading(string name)
        {
            if (name.Length > 0)
                AddWrapped(new Paragraph().Add(TextRole.Name, name), indent: 0);
            if (isOnBoth)
            {
                Add([
                    new TextSpan(TextRole.Text, new string(' ', StepColumn + _stepCells + 1)),
                    new TextSpan(TextRole.Label, "model".PadRight(resultCells) + "kernel"),
                ]);
            }
        }

        public void Step(int index, StepOutcome outcome)
        {
            if (outcome is { Step: ExpectStep, IsFailedExpectation: false })
                return;
            var isBad = outcome.IsMismatch || outcome.IsFailedExpectation;
            var text = Escaper.Escape(BindText.Write(outcome.Step));
            List<TextSpan> row =
            [
                new(TextRole.Blocked, isBad ? "! " : "  "),
                new(TextRole.Dim, index.ToString(CultureInfo.InvariantCulture).PadLeft(3) + "  "),
                new(TextRole.Text, text),
            ];
            var cells = CellWidth.Of(text);
            if (cells > _stepCells)
            {
                // Too long for its column: the results stand on a line of their own.
                Add(row);
                row = [new(TextRole.Text, new string(' ', StepColumn))];
                cells = 0;
            }
            row.Add(new(TextRole.Text, new string(' ', _stepCells - cells + 1)));
            row.AddRange(Results(outcome, isBad));
            Add(row);
            Reason(outcome);
        }

        public void Conclusion(ScenarioResult result)
        {
            if (result.Error is { } error)
            {
                AddWrapped(new Paragraph().Add(TextRole.Undetermined, "not played to its end: ").Add(error), indent: 2);
                return;
            }
            var mismatches = result.Steps.Count(static outcome => outcome.IsMismatch);
            var faults = new List<string>();
            if (mismatches > 0)
                faults.Add(mismatches == 1 ? "1 mismatch of model and kernel" : $"{mismatches} mismatches of model and kernel");
            if (result.FailedExpectations is > 0 and var failed)
                faults.Add(failed == 1 ? "1 expectation not met" : $"{failed} expectations not met");
            var good = isOnBoth ? "model and kernel agree"
                : result.Steps.Any(static outcome => outcome.Step is ExpectStep) ? "as expected" : "played";
            var steps = result.Steps.Count(static outcome => outcome.Step is not ExpectStep);
            AddWrapped(new Paragraph().Add($"{steps} step{(steps == 1 ? "" : "s")}: ")
                .Add(faults.Count == 0 ? TextRole.Free : TextRole.Blocked, faults.Count == 0 ? good : string.Join(", ", faults)),
                indent: 2);
        }

        private IEnumerable<TextSpan> Results(StepOutcome outcome, bool isBad)
        {
            StepResult?[] shown =
                outcome is { Model: not null, Kernel: not null } ? [outcome.Model, outcome.Kernel] : [outcome.Kernel ?? outcome.Model];
            foreach (var result in shown)
            {
                var text = Escaper.Escape(result?.Result);
                var isAnswer = outcome.Step is StateStep or NameStep && text != StepResult.NoSocket;
                var role = isBad ? TextRole.Blocked : text == StepResult.Ok || isAnswer ? TextRole.Text : TextRole.Warning;
                yield return new TextSpan(role, text);
                yield return new TextSpan(TextRole.Text, new string(' ', Math.Max(1, resultCells - text.Length)));
            }
            if (outcome.Rule is { } rule)
                yield return new TextSpan(TextRole.Rule, Escaper.Escape(rule));
        }

        private void Reason(StepOutcome outcome)
        {
            var blockers = outcome.Blockers;
            var reasons = Reasons(outcome);
            // How long a retry took is what one wants to know of it.
            var isPlain = outcome.Result == StepResult.Ok && !outcome.IsMismatch && !outcome.IsFailedExpectation
                && outcome.Step is not RetryStep;
            if (blockers.IsEmpty && (reasons.Count == 0 || isPlain))
                return;
            var text = new Paragraph();
            if (!blockers.IsEmpty)
                text.Add("by ").Add(TextRole.Name, string.Join(", ", blockers.Select(Spell)))
                    .Add(reasons.Count == 0 ? "" : outcome.Step is RetryStep ? "; " : ": ");
            AddWrapped(text.Add(TextRole.Dim, string.Join("; ", reasons)), StepColumn);
        }

        private static List<string> Reasons(StepOutcome outcome)
        {
            var (model, kernel) = (outcome.Model?.Because ?? "", outcome.Kernel?.Because ?? "");
            if (outcome.Step is RetryStep && model.Length > 0 && kernel.Length > 0)
                return ["model: " + model, "kernel: " + kernel];
            return [.. new[] { model, kernel }.Where(static because => because.Length > 0).Distinct()];
        }

        private void AddWrapped(Paragraph text, int indent)
        {
            foreach (var spans in Wrapping.Break(text.Spans, Math.Max(TextOptions.MinimumWidth, width - indent), 0))
                Add(indent == 0 ? spans : [new TextSpan(TextRole.Text, new string(' ', indent)), .. spans]);
        }

        // No line ends with spaces.
        private void Add(IEnumerable<TextSpan> spans)
        {
            var line = spans.ToList();
            while (line.Count > 0 && string.IsNullOrWhiteSpace(line[^1].Text))
                line.RemoveAt(line.Count - 1);
            _lines.Add(new TextLine([.. line]));
        }
    }
}

/// <summary>What playing a scenario gave, as one line of JSON: what <c>lab run --json</c> prints.</summary>
internal static class ScenarioResultJson
{
    /// <summary>Writes a result as one line of UTF-8, without the line's end. One that was not played to its end is an error.</summary>
    public static void Write(IBufferWriter<byte> output, ScenarioResult result)
    {
        if (result.Error is { } error)
        {
            WriteError(output, result.Scenario.Name, error);
            return;
        }
        JsonText.Object(output, writer =>
        {
            writer.WriteText("name", result.Scenario.Name);
            var index = 0;
            writer.WriteList("steps", result.Steps, outcome => WriteStep(writer, index++, outcome));
            writer.WriteBoolean("mismatch", result.IsMismatch);
        });
    }

    /// <summary>Writes the answer to a document that is no scenario, or that could not be played.</summary>
    public static void WriteError(IBufferWriter<byte> output, string name, string error) => JsonText.Object(output, writer =>
    {
        writer.WriteText("name", name);
        writer.WriteText("error", error);
    });

    private static void WriteStep(Utf8JsonWriter writer, int index, StepOutcome outcome)
    {
        writer.WriteNumber("index", index);
        writer.WriteText("result", outcome.Result);
        if (outcome is { Model: { } model, Kernel: { } kernel })
        {
            writer.WriteText("model", model.Result);
            writer.WriteText("kernel", kernel.Result);
        }
        writer.WriteText("rule", outcome.Rule);
        writer.WriteTexts("blockers", outcome.Blockers);
        writer.WriteText("because", outcome.Because);
    }
}

/// <summary>The lines of a host's socket table as JSON: docs/schema/claim.schema.json has the fields.</summary>
internal static class SocketRowJson
{
    public static void Write(Utf8JsonWriter writer, string name, ImmutableArray<SocketRow> rows) => writer.WriteList(name, rows, row =>
    {
        writer.WriteText("protocol", row.Protocol == Protocol.Tcp ? "tcp" : "udp");
        writer.WriteText("local", row.Local.ToString());
        writer.WriteText("remote", row.Remote?.ToString());
        writer.WriteText("state", TcpStateNames.Of(row.State, row.Protocol));
        writer.WriteText("socket", row.Socket);
        writer.WriteText("process", row.Process);
        if (row.SecondsLeft is { } seconds)
            writer.WriteNumber("secondsLeft", Math.Round(seconds, 1));
        else
            writer.WriteNull("secondsLeft");
    });
}
