namespace Bindwise.Lab.Drawing;

/// <summary>
/// A kernel tells what a call gave and never why: where the model gave the same, its rule and its blockers stand beside it.
/// </summary>
internal static class RuledRecord
{
    public static Record Of(Record kernel, Record? model)
    {
        if (model is null)
            return kernel;
        var ruled = new Dictionary<(int, string), RecordedStep>();
        foreach (var step in model.Steps)
        {
            if (step.Result.Rule is not null)
                ruled.TryAdd((step.Index, step.Result.Result), step);
        }
        var isRuled = false;
        var steps = kernel.Steps.ToBuilder();
        for (var index = 0; index < steps.Count; index++)
        {
            var step = steps[index];
            if (step.Result.Rule is not null || !ruled.TryGetValue((step.Index, step.Result.Result), out var told))
                continue;
            steps[index] = step with { Result = step.Result with { Rule = told.Result.Rule, Blockers = told.Result.Blockers } };
            isRuled = true;
        }
        return isRuled ? kernel with
        {
            Steps = steps.ToImmutable(),
            Means = kernel.Means + (kernel.Means.Length > 0 ? "; " : "") + "rules by the model, which gave the same"
        } : kernel;
    }
}

/// <summary>What stands above every picture of a record: its name, and where what it shows was seen.</summary>
internal static class Caption
{
    public static string TitleOf(Record record) => record.Scenario.Name.Length > 0 ? Cells.Clean(record.Scenario.Name) : "scenario";

    public static string SourceOf(Record record)
    {
        var means = record.Means.Length > 0 ? record.Means : record.Host.IsKernel ? "" : "the rule model";
        return Cells.Clean(record.Host.IsKernel ? $"captured on {record.Host.System}{(means.Length > 0 ? ": " : "")}{means}"
            : $"drawn from {means} ({record.Host.System})");
    }

    public static void Add(PictureBuilder picture, Record record)
    {
        picture.Paragraph(TitleOf(record), Tone.Strong);
        picture.Paragraph(SourceOf(record), Tone.Dim);
        picture.Space();
    }
}
