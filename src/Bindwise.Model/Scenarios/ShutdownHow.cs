namespace Bindwise.Model.Scenarios;

/// <summary>Which direction shutdown(2) ends, with the kernel's numbers (SHUT_RD, SHUT_WR, SHUT_RDWR).</summary>
public enum ShutdownHow : byte
{
    /// <summary>Reading (<c>read</c>).</summary>
    Read,

    /// <summary>Writing: sends the FIN (<c>write</c>).</summary>
    Write,

    /// <summary>Both (<c>both</c>).</summary>
    Both,
}
