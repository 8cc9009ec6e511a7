namespace Bindwise.Model.Targets.Errors;

/// <summary>How much a message tells of where the bind failed, the best first.</summary>
internal enum MentionRank : byte
{
    /// <summary>An address with its port, or a path.</summary>
    Full,

    /// <summary>As <see cref="Full"/>, of a bind whose failure the program can live with, or that only tried.</summary>
    Lesser,

    PortOnly,

    /// <summary>An address alone: the port stands elsewhere, or nowhere.</summary>
    AddressOnly,
}
