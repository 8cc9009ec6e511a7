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
