namespace Bindwise.Diagnostics;

/// <summary>Whether a target can be bound, and listened on, as asked.</summary>
public enum Verdict : byte
{
    /// <summary>It can be bound (and listened on) as asked.</summary>
    Free,

    /// <summary>It cannot; <see cref="Diagnosis.Errno"/> is how bind() or listen() would fail.</summary>
    Blocked,

    /// <summary>Rules and snapshot do not decide, and the probe was switched off or could not run.</summary>
    Undetermined,
}
