namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>What a part of a picture is about: a terminal's theme and a style sheet each give it a colour. No meaning hangs on the colour alone.</summary>
public enum Tone : byte
{
    /// <summary>Nothing special.</summary>
    Plain,

    /// <summary>What matters less: times, notes, the lines of a table.</summary>
    Dim,

    /// <summary>A heading or a name.</summary>
    Strong,

    /// <summary>It works: a call that gave ok.</summary>
    Good,

    /// <summary>It is refused.</summary>
    Bad,

    /// <summary>It is not known.</summary>
    Unknown,

    /// <summary>The id of a rule.</summary>
    Rule,

    /// <summary>LISTEN.</summary>
    Listening,

    /// <summary>A handshake under way.</summary>
    Opening,

    /// <summary>ESTABLISHED.</summary>
    Open,

    /// <summary>The states of a close under way.</summary>
    Closing,

    /// <summary>TIME_WAIT: of no process any more.</summary>
    Waiting,

    /// <summary>The chosen path.</summary>
    Lit,

    /// <summary>A segment that was held back, lost or repeated.</summary>
    Disturbed,
}
