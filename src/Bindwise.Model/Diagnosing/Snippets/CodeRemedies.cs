using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>Remedies that change a program's code, in its own language; in C, and so labelled, where that is not known.</summary>
internal static class CodeRemedies
{
    /// <summary>One remedy.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="text">What to do, one sentence that ends with a stop; where the runtime does it by itself, that is added.</param>
    /// <param name="thought">What the code has to do.</param>
    /// <param name="speaker">Whose language.</param>
    /// <param name="changes">What it changes.</param>
    /// <param name="risk">What may go wrong.</param>
    public static Remedy Of(string id, string text, SnippetKind thought, TargetLanguage speaker, string changes, string risk)
    {
        var idiom = CodeSnippets.Of(thought, speaker);
        var label = RuntimeNames.Label(speaker.Runtime);
        var said = idiom.Said is { } more ? $"{label} {more}." : null;
        // Where there is no code, what the runtime does is the advice.
        var whole = idiom.Code is null && said is not null ? $"{text} {said}" : text;
        return Remedy.OfCode(id, whole, idiom, changes, risk) with { Note = idiom.Code is null ? null : said, Language = idiom.Code is null && idiom.Said is null ? null : speaker.Runtime };
    }
}
