namespace Bindwise.Model.Auditing;

/// <summary>What a program did.</summary>
internal enum AuditAct : byte
{
    /// <summary>It made a socket.</summary>
    Socket,

    /// <summary>It set a socket's option.</summary>
    Option,

    /// <summary>It bound a socket.</summary>
    Bind,

    /// <summary>It listens on a socket, or changed its backlog.</summary>
    Listen,

    /// <summary>It executed a program.</summary>
    Execute,
}
