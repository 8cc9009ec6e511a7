namespace Bindwise.Diagnostics;

/// <summary>The system call that answered a probe.</summary>
internal enum ProbedCall : byte
{
    /// <summary>bind(2) answered.</summary>
    Bind,

    /// <summary>socket(2) answered with an error, so that bind(2) was not reached.</summary>
    Socket,

    /// <summary>bind(2) succeeded, and listen(2) answered.</summary>
    Listen,
}
