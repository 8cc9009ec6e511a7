namespace Bindwise.Model.Auditing;

internal enum AuditAct : byte
{
    Socket,
    Option,
    Bind,

    /// <summary>It listens on a socket, or changed its backlog.</summary>
    Listen,

    Execute,
}

internal enum AuditEnd : byte
{
    ByItself,

    /// <summary>Ctrl+C, or another signal to the audit.</summary>
    Interrupted,

    TimeOver,

    /// <summary>It goes on: it was only looked at.</summary>
    Running,
}

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
