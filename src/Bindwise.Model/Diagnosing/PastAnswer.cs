namespace Bindwise.Model.Diagnosing;

/// <summary>An answer of an earlier moment, as it may be told now.</summary>
internal static class PastAnswer
{
    /// <summary>The id of the remark that says that an answer comes from a saved snapshot.</summary>
    public const string FromSnapshot = "from-snapshot";

    /// <summary>The answer of a saved snapshot: with a word of when it was so, and without what acts on a process of then.</summary>
    public static Diagnosis OfSnapshot(Diagnosis diagnosis) => diagnosis with
    {
        Remedies = Remedies(diagnosis),
        Limits = [Remark.Of(FromSnapshot, string.Create(CultureInfo.InvariantCulture,
            $"From a snapshot taken at {diagnosis.TakenAt:yyyy-MM-dd HH:mm:ss zzz}: it tells how things were then, where it was taken.")),
            .. diagnosis.Limits],
    };

    /// <summary>
    /// What to do, without the commands that name a process of then, end one, or remove a file: its number could be another's today, or
    /// another host's, and another server could have made the file.
    /// </summary>
    public static ImmutableArray<Remedy> Remedies(Diagnosis diagnosis)
    {
        HashSet<string> ids =
        [
            .. diagnosis.Processes.Concat(diagnosis.Elsewhere.Select(static record => record.Process).OfType<ProcessRecord>())
                .Select(static process => process.Id.ToString(CultureInfo.InvariantCulture)),
        ];
        return [.. diagnosis.Remedies.Where(remedy => remedy.Command is not { } command || remedy.Language is not null
            || !NamesProcess(command, ids))];
    }

    private static bool NamesProcess(string command, HashSet<string> ids) =>
        command.Split([' ', '/', ';', '\'', '"', '(', ')']).Any(word => word is "kill" or "rm" || ids.Contains(word));
}
