namespace Bindwise.Model.Auditing;

/// <summary>How the program ended.</summary>
internal enum AuditEnd : byte
{
    ByItself,

    /// <summary>Ctrl+C, or another signal to the audit.</summary>
    Interrupted,

    /// <summary>The time of the audit was over.</summary>
    TimeOver,

    /// <summary>It goes on: it was only looked at.</summary>
    Running,
}
