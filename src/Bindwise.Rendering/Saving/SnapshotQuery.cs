using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;

namespace Bindwise.Rendering.Saving;

/// <summary>What is asked of a saved snapshot, and what it can answer.</summary>
/// <param name="told">How the program binds, as it is told now: that goes before what was told when the snapshot was taken.</param>
/// <param name="showsSecrets">Passwords, tokens and keys as the file has them; it may have been saved unmasked.</param>
internal sealed class SnapshotQuery(SnapshotFile file, ProgramOptions told, bool showsSecrets = false)
{
    public ProgramOptions Options { get; } = new()
    {
        ReuseAddress = told.ReuseAddress ?? file.Options.ReuseAddress,
        ReusePort = told.ReusePort ?? file.Options.ReusePort,
        V6Only = told.V6Only ?? file.Options.V6Only,
        Device = told.Device ?? file.Options.Device,
    };

    /// <summary>Everything that was asked then, or what is asked now.</summary>
    /// <param name="targets">What is asked now; null for everything that was asked then.</param>
    public IEnumerable<SnapshotAnswer> Answers(IEnumerable<TypedTarget>? targets)
    {
        if (targets is null)
            return file.Entries.Select(entry => AnswerOf(entry, text: 0));
        return targets.Select(typed => (typed.Target is not { } target ? new SnapshotAnswer(null, typed.Error, typed.Text)
            : file.Entries.FirstOrDefault(entry => IsSame(entry.Target, target)) is { } entry ? AnswerOf(entry, typed.Text)
            : new SnapshotAnswer(null, NotHeld(target), typed.Text)) with
        { Note = typed.Note });
    }

    private SnapshotAnswer AnswerOf(SnapshotEntry entry, int text)
    {
        var shown = Shown(entry);
        return Diagnoser.CanDiagnose(shown.Target, Options, shown.Snapshot) ? new SnapshotAnswer(shown, null, text)
            : new SnapshotAnswer(null, $"the snapshot does not hold what {shown.Target.Text} asks about", text);
    }

    private string NotHeld(Target target) =>
        $"the snapshot does not hold {target.Text}, only {string.Join(", ", file.Entries.Select(entry => Shown(entry).Target.Text))}";

    private SnapshotEntry Shown(SnapshotEntry entry) => showsSecrets ? entry : entry.Masked();

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path, saved.Destination)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path, asked.Destination);
}

/// <summary>A question that a snapshot answers, or why it does not.</summary>
/// <param name="Entry">The question and what its answer stands on; null when <paramref name="Fault"/> is set.</param>
/// <param name="Fault">One line; null when there is an answer.</param>
/// <param name="Text">The text that asked, by its place among those given.</param>
internal readonly record struct SnapshotAnswer(SnapshotEntry? Entry, string? Fault, int Text)
{
    /// <summary>One line that is no fault; null for none.</summary>
    public string? Note { get; init; }
}
