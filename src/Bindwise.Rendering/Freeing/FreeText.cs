using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Rendering.Freeing;

internal static class FreeText
{
    /// <summary>So many workers, and sockets without a process, are told one by one.</summary>
    private const int MostListed = 3;

    /// <summary>So many process ids stand in a line.</summary>
    private const int MostIds = 8;

    /// <summary>What stands in the way, as <c>why</c> begins, and what is done about it.</summary>
    /// <param name="isCertain">It is done without a further question; false: it would be.</param>
    public static ImmutableArray<TextLine> Plan(FreePlan plan, bool isCertain, TextOptions options)
    {
        var lines = DiagnosisText.RenderHeadline(plan.Diagnosis, options with { Detail = Detail.Normal });
        var page = new Page(options);
        foreach (var text in TextsOf(plan.Actions))
            page.Row(isCertain ? "will" : "would", new Paragraph().Add(text));
        foreach (var note in plan.Notes)
            page.Row("note", new Paragraph().Add(TextRole.Warning, note));
        if (plan.Refusal is { } refusal)
            page.Row("but", new Paragraph().Add(refusal.Text));
        return [.. lines, .. page.Lines];
    }

    /// <summary>Whether a step is told together with the one before it: very many sockets without a process may be in the way.</summary>
    public static bool AreReportedTogether(FreeStep one, FreeStep next) => IsOfMany(one.Action)
        && (one.Action.Kind, one.Action.Socket?.State, one.Result, one.Detail)
            == (next.Action.Kind, next.Action.Socket?.State, next.Result, next.Detail);

    /// <summary>Actions that were done, or could not be; nothing for what was not needed.</summary>
    public static ImmutableArray<TextLine> Steps(IReadOnlyList<FreeStep> steps, TextOptions options)
    {
        var page = new Page(options);
        for (int at = 0, end = 1; at < steps.Count; at = end++)
        {
            while (end < steps.Count && AreReportedTogether(steps[at], steps[end]))
                end++;
            foreach (var text in Shortened([.. steps.Skip(at).Take(end - at).Select(static step => step.Action.Text)]))
                Add(page, steps[at], text);
        }
        return page.Lines;
    }

    private static void Add(Page page, FreeStep step, string text)
    {
        switch (step.Result)
        {
            case "done":
                page.Row("done", new Paragraph().Add(text));
                break;
            case "gone":
                page.Row("gone", new Paragraph().Add($"not needed any more: {text}"));
                break;
            case "failed" or "not-permitted":
                page.Row("fails", new Paragraph().Add(TextRole.Warning, text + (step.Detail is { Length: > 0 } why ? $" ({why})" : "")));
                break;
        }
    }

    private static bool IsOfMany(FreeAction action) => action.Kind is FreeActionKind.DestroySocket or FreeActionKind.Wait;

    /// <summary>A few texts one by one; of more, the first.</summary>
    private static List<string> Shortened(List<string> texts) => texts.Count <= MostListed ? texts
        : [string.Create(CultureInfo.InvariantCulture, $"{texts[0]}, and the same with {texts.Count - 1} others")];

    /// <param name="goesOn">Another plan follows, which tells what stands in the way.</param>
    public static ImmutableArray<TextLine> End(FreeResult result, string name, TextOptions options, bool goesOn = false)
    {
        var page = new Page(options);
        if (result.Outcome == FreeOutcome.Failed)
        {
            page.Headline(TextRole.Warning, result.Explanation ?? "");
            return goesOn ? page.Lines
                : [.. page.Lines, .. DiagnosisText.RenderHeadline(result.Diagnosis, options with { Detail = Detail.Normal })];
        }
        // What was free before is told by the first line, and what became free while it was asked is not.
        if (result is { Outcome: FreeOutcome.AlreadyFree, Steps.IsEmpty: true })
            return [];
        // The plan has said why.
        if (result is { Outcome: FreeOutcome.WouldNotFree, Reason: "dry-run" })
            page.Headline(TextRole.Text, $"{name} would not be free at once.");
        else if (result.Diagnosis.Verdict == Verdict.Free)
        {
            page.Headline(TextRole.Free, $"{name} is free.");
            // It may wait for longer than it was watched.
            foreach (var parent in result.Steps.Where(static step => step is { Result: "not-needed", Action.IsIfTakenAgain: true })
                .Select(static step => step.Action.Process).OfType<ProcessRecord>())
                page.Row("note", new Paragraph().Add(TextRole.Warning, EndRemedies.IfItComesBack(parent, ShellCommand.Empty)));
        }
        else if (result.Explanation is { } explanation)
            page.Headline(TextRole.Text, explanation);
        return page.Lines;
    }

    /// <summary>
    /// The question to a person for one action that concerns a program that only inherited the socket, or a parent that may start the
    /// server again.
    /// </summary>
    /// <param name="isOnly">Nothing else was asked before.</param>
    public static string Separately(FreeAction action, bool isOnly)
    {
        var page = new Page(new TextOptions());
        page.Headline(TextRole.Text, isOnly ? $"Do it: {action.Text}? [y/N] " : $"Also {action.Text}{ConditionOf(action)}? [y/N] ");
        return page.Lines[0].ToString();
    }

    /// <summary>When a step of a plan is taken, the end of its text; empty for always.</summary>
    internal static string ConditionOf(FreeAction action) => action switch
    {
        { IsIfTakenAgain: true } => ", and to what it starts, if it starts it again",
        { IsFollowUp: true, Kind: FreeActionKind.Signal } => ", if it still holds the socket then",
        { IsFollowUp: true, Kind: FreeActionKind.UnlinkFile } => ", if it is left over",
        _ => "",
    };

    private static IEnumerable<string> TextsOf(ImmutableArray<FreeAction> actions)
    {
        var groups = actions.GroupBy(static action => action switch
        {
            { IsAskedSeparately: true } or { IsIfTakenAgain: true } or { Kind: FreeActionKind.Continue } => (object)action,
            { IsFollowUp: true, Kind: FreeActionKind.Signal } => (action.Kind, action.Signal),
            _ when IsOfMany(action) => action.Kind,
            _ => action,
        });
        foreach (var group in groups)
        {
            var all = group.ToList();
            if (all.Count > MostListed && all[0].Process is not null)
            {
                var ids = string.Join(", ",
                    all.Take(MostIds).Select(static action => action.Process!.Id.ToString(CultureInfo.InvariantCulture)));
                yield return string.Create(CultureInfo.InvariantCulture, $"send {all[0].Signal} to the {all.Count} processes that share ")
                    + $"the socket (pid {ids}{(all.Count > MostIds ? ", …" : "")}), if they still hold it then";
            }
            else
            {
                foreach (var text in Shortened(all.ConvertAll(static action => action.Text + ConditionOf(action))))
                    yield return text;
            }
        }
    }
}

/// <summary>What was done to free a port, as one line of JSON: docs/schema/free.schema.json.</summary>
internal static class FreeJson
{
    public const string Schema = "bindwise.free/1";

    public static void Write(IBufferWriter<byte> output, FreeResult result) => JsonText.Document(output, Schema, writer =>
    {
        DiagnosisJson.WriteTarget(writer, result.Diagnosis.Target, result.Diagnosis.Port);
        writer.WriteText("outcome", JsonText.Word(result.Outcome));
        writer.WriteText("reason", result.Reason);
        writer.WriteText("explanation", result.Explanation);
        writer.WriteList("actions", result.Steps, step => WriteStep(writer, step));
        writer.WriteText("after", DiagnosisJson.Name(result.Diagnosis.Verdict));
    });

    private static void WriteStep(Utf8JsonWriter writer, FreeStep step)
    {
        var action = step.Action;
        writer.WriteText("kind", JsonText.Word(action.Kind));
        writer.WriteNumber("pid", action.Process?.Id);
        writer.WriteText("signal", action.Signal);
        writer.WriteText("unit", action.Unit);
        writer.WriteText("container", action.Container);
        writer.WriteText("text", step.Result == "planned" ? action.Text + FreeText.ConditionOf(action) : action.Text);
        writer.WriteText("result", step.Result);
        writer.WriteText("detail", step.Detail);
    }
}
