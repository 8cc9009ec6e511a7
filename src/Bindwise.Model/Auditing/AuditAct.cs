namespace Bindwise.Model.Auditing;

/// <summary>What a program did.</summary>
internal enum AuditAct : byte
{
    Socket,

    /// <summary>It set a socket's option.</summary>
    Option,

    Bind,

    /// <summary>It listens on a socket, or changed its backlog.</summary>
    Listen,

    Execute,
}
