namespace Bindwise.Model.Scenarios.Text;

/// <summary>What a token of a .bind line is.</summary>
internal enum BindTokenKind : byte
{
    /// <summary>The line's end.</summary>
    End,

    /// <summary>A word as it stands.</summary>
    Word,

    /// <summary>A text in quotes.</summary>
    Quoted,

    /// <summary><c>=</c>.</summary>
    Equals,

    /// <summary><c>;</c>.</summary>
    Semicolon,

    /// <summary><c>-></c>.</summary>
    Arrow,
}

/// <summary>A token of a .bind line.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, without quotes and escapes.</param>
/// <param name="Start">Where it starts in the line, from 0.</param>
/// <param name="Length">How many characters of the line it takes.</param>
internal readonly record struct BindToken(BindTokenKind Kind, string Text, int Start, int Length)
{
    /// <summary>Nothing more belongs to the statement.</summary>
    public bool EndsStatement => Kind is BindTokenKind.End or BindTokenKind.Semicolon or BindTokenKind.Arrow;

    /// <summary>It is this word, without quotes.</summary>
    public bool Is(string word) => Kind == BindTokenKind.Word && Text == word;
}
