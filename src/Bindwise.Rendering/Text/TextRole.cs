namespace Bindwise.Rendering.Text;

/// <summary>What a piece of text is for: the theme gives each role its colour.</summary>
internal enum TextRole : byte
{
    /// <summary>Ordinary text, in the terminal's own colour.</summary>
    Text,

    /// <summary>The first line when it can be bound.</summary>
    Free,

    /// <summary>The first line when it cannot.</summary>
    Blocked,

    /// <summary>The first line when it could not be told.</summary>
    Undetermined,

    /// <summary>A row's name at the left.</summary>
    Label,

    /// <summary>The id of a rule, as <c>BW004</c>.</summary>
    Rule,

    /// <summary>The name or command line of a process.</summary>
    Name,

    /// <summary>Something to be copied and run.</summary>
    Command,

    /// <summary>A warning: what may be lost, or what nobody should do.</summary>
    Warning,

    /// <summary>What matters less: times, notes, evidence.</summary>
    Dim,

    /// <summary>The chosen one of several: a row of a screen, the view that is shown.</summary>
    Selected,
}
