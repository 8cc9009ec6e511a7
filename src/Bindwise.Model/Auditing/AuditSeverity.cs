namespace Bindwise.Model.Auditing;

/// <summary>How much a finding matters.</summary>
internal enum AuditSeverity : byte
{
    /// <summary>Good to know; often as intended.</summary>
    Note,

    /// <summary>A later start, or a connection, may fail by it.</summary>
    Warning,

    /// <summary>The program does not do what it was told.</summary>
    Error,
}
