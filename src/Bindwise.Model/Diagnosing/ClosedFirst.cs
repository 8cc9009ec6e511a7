namespace Bindwise.Diagnostics;

/// <summary>Which end of the connections in the way sent its FIN first.</summary>
public enum ClosedFirst : byte
{
    /// <summary>This host's end sent the first FIN, so it keeps TIME_WAIT.</summary>
    Local,

    /// <summary>The peer sent the first FIN, so the peer keeps TIME_WAIT.</summary>
    Remote,

    /// <summary>Both at once (CLOSING, or TIME_WAIT at both ends).</summary>
    Both,
}
