using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Runtimes;

namespace Bindwise.Diagnostics;

/// <summary>A way to make the bind work, or to find out more.</summary>
public sealed record Remedy
{
    /// <summary>A remedy; Bindwise finds them, and tests may make their own.</summary>
    /// <param name="id">A stable kebab-case id, as <c>wait</c>.</param>
    /// <param name="text">What to do, one sentence.</param>
    /// <param name="command">The exact command, or the lines of code, parted by line feeds; null when there is none.</param>
    /// <param name="changes">What it changes.</param>
    /// <param name="risk">What may go wrong; "none" when nothing.</param>
    public Remedy(string id, string text, string? command, string changes, string risk) =>
        (Id, Text, Command, Changes, Risk) = (id, text, command, changes, risk);

    /// <summary>A stable kebab-case id, as <c>wait</c>.</summary>
    public string Id { get; init; }

    /// <summary>What to do, one sentence.</summary>
    public string Text { get; init; }

    /// <summary>The exact command, or the lines of code, parted by line feeds; null when there is none.</summary>
    public string? Command { get; private init; }

    /// <summary>What it changes.</summary>
    public string Changes { get; init; }

    /// <summary>What may go wrong; "none" when nothing.</summary>
    public string Risk { get; init; }

    /// <summary>The language of the code, or of what the text tells of it; null when the remedy is not about code.</summary>
    public Runtime? Language { get; init; }

    /// <summary>What the runtime in question does by itself, or needs besides; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The risk is worth a word in the short answer.</summary>
    public bool IsRiskNotable { get; init; }

#pragma warning disable RS0030 // Banned everywhere else, for the sake of these two.
    /// <summary>One with a command: the only way by which the diagnosis makes one, so that no text of others gets into it.</summary>
    internal static Remedy Of(string id, string text, ShellCommand? command, string changes, string risk) =>
        new(id, text, command?.ToString(), changes, risk);

    /// <summary>One that changes a program's code, in its own language; in C, and so labelled, where that is not known.</summary>
    /// <param name="text">What to do, one sentence that ends with a stop; where the runtime does it by itself, that is added.</param>
    internal static Remedy OfCode(string id, string text, SnippetKind kind, TargetLanguage language, string changes, string risk)
    {
        var snippet = CodeSnippets.Of(kind, language);
        // What else is said is of Node.js's modules, with its versions: only this is known of Bun and Deno.
        var speaker = kind == SnippetKind.ReuseAddress ? language.Host ?? language.Runtime : language.Runtime;
        var said = snippet.Said is { } more ? $"{speaker.Label()} {more}." : null;
        // Where there is no code, what the runtime does is the advice.
        var whole = snippet.Code is null && said is not null ? $"{text} {said}" : text;
        return new(id, whole, snippet.Code, changes, risk)
        {
            Note = snippet.Code is null ? null : said,
            Language = snippet is { Code: null, Said: null } ? null : language.Runtime,
        };
    }
#pragma warning restore RS0030

    internal Remedy Running(ShellCommand? command) => this with { Command = command?.ToString() };
}
