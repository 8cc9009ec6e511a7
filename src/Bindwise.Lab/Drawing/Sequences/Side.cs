namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>One of the two ends of a sequence diagram.</summary>
internal enum Side : byte
{
    /// <summary>That of the scenario's first socket.</summary>
    Left,

    /// <summary>The other one.</summary>
    Right,
}
