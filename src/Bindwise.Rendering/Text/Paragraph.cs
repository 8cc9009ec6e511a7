namespace Bindwise.Rendering.Text;

/// <summary>Text that may be wrapped at its spaces, built piece by piece. Whatever comes in is escaped here, once.</summary>
internal sealed class Paragraph
{
    private readonly List<TextSpan> _spans = [];

    public IReadOnlyList<TextSpan> Spans => _spans;
    public bool IsEmpty => _spans.Count == 0;

    public Paragraph Add(string text) => Add(TextRole.Text, text);

    /// <param name="limit">The most characters of a name or a command line; null for a sentence, whose words are short.</param>
    public Paragraph Add(TextRole role, string text, int? limit = null)
    {
        if (text.Length > 0)
            _spans.Add(new TextSpan(role, limit is { } most ? Escaper.Escape(text, most) : Escaper.EscapeSentence(text)));
        return this;
    }

    public Paragraph Add(Paragraph other)
    {
        _spans.AddRange(other._spans);
        return this;
    }

    /// <summary>Adds one of several facts, with a comma where others stand before it.</summary>
    public Paragraph AddFact(string text, TextRole role = TextRole.Text, int? limit = null)
    {
        Separate();
        return Add(role, text, limit);
    }

    public Paragraph AddFact(Paragraph other)
    {
        Separate();
        return Add(other);
    }

    private void Separate()
    {
        if (!IsEmpty)
            _spans.Add(new TextSpan(TextRole.Text, ", "));
    }
}
