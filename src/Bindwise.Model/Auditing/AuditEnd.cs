namespace Bindwise.Model.Auditing;

internal enum AuditEnd : byte
{
    ByItself,

    /// <summary>Ctrl+C, or another signal to the audit.</summary>
    Interrupted,

    TimeOver,

    /// <summary>It goes on: it was only looked at.</summary>
    Running,
}
