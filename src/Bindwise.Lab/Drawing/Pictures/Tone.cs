namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// What a part of a picture is about: a terminal's theme and a style sheet each give it a colour. No meaning hangs on the colour alone.
/// </summary>
internal enum Tone : byte
{
    /// <summary>Ordinary text and lines, without a meaning of their own.</summary>
    Plain,

    /// <summary>What matters less: times, notes, the lines of a table.</summary>
    Dim,

    /// <summary>A heading or a name.</summary>
    Strong,

    /// <summary>It works: a call that gave ok.</summary>
    Good,

    /// <summary>It is refused: a call that gave an error.</summary>
    Bad,

    /// <summary>It is not known: no host and no source gave a result.</summary>
    Unknown,

    Rule,
    Listening,

    /// <summary>The states of a handshake under way: SYN_SENT, SYN_RECV.</summary>
    Opening,

    /// <summary>The state ESTABLISHED.</summary>
    Open,

    /// <summary>The states of a close under way.</summary>
    Closing,

    /// <summary>TIME_WAIT: of no process any more.</summary>
    Waiting,

    /// <summary>The states and transitions on the path of the chosen socket.</summary>
    Lit,

    /// <summary>A segment that was held back, lost or repeated.</summary>
    Disturbed,
}
