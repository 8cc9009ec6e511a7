using static System.FormattableString;

namespace Bindwise.Model.Auditing;

internal sealed class SocketStory
{
    private readonly ImmutableArray<AuditEvent> _events;

    private SocketStory(ulong cookie, ImmutableArray<AuditEvent> events)
    {
        (Cookie, _events) = (cookie, events);
        Binding = events.FirstOrDefault(static one => one is { Act: AuditAct.Bind, Succeeded: true });
        Listening = events.FirstOrDefault(static one => one is { Act: AuditAct.Listen, Succeeded: true });
    }

    public ulong Cookie { get; }

    /// <summary>The bind() that succeeded; null where none was seen.</summary>
    public AuditEvent? Binding { get; }

    /// <summary>The first listen() that succeeded; null where none was seen.</summary>
    public AuditEvent? Listening { get; }

    public bool IsTcpListener => Listening is { Protocol: Protocol.Tcp };
    public IpEndpoint? Local => Listening?.Local ?? Binding?.Local;

    /// <summary>The port that it was bound to by its number; null for one that the kernel chose, or of which no bind() was seen.</summary>
    public ushort? OwnPort => Binding?.Asked is { Port: > 0 and var port } ? port : null;

    /// <summary>Its last backlog; null where it does not listen.</summary>
    public AuditEvent? LastListen => _events.LastOrDefault(static one => one is { Act: AuditAct.Listen, Succeeded: true });

    /// <summary>What it is called: <c>127.0.0.1:8080/tcp</c>.</summary>
    public string Name => Named(Local, Binding ?? Listening);

    /// <summary>The stories of a record, each in the order of its first event.</summary>
    public static ImmutableArray<SocketStory> Of(AuditRecord record) =>
        [.. record.Events.Where(static one => one.Socket != 0).GroupBy(static one => one.Socket)
            .Select(static group => new SocketStory(group.Key, [.. group]))];

    public static string Named(IpEndpoint? local, AuditEvent? of) =>
        of is { Path: { } path } ? path : Invariant($"{local ?? of?.Asked}/{(of?.Protocol == Protocol.Udp ? "udp" : "tcp")}");

    /// <summary>Options that were set after the bind().</summary>
    public IEnumerable<AuditEvent> OptionsAfterBind() =>
        Binding is not { } bind ? [] : _events.SkipWhile(one => one != bind).Where(static one => one.Act == AuditAct.Option);

    /// <summary>An option was set before the bind().</summary>
    public bool WasSetBeforeBind(string option) =>
        _events.TakeWhile(one => one != Binding).Any(one => one.Act == AuditAct.Option && one.Option == option);

    /// <summary>
    /// A bind() that failed, and that no other made good; and the listen() that went on without it, null where there is none.
    /// </summary>
    public (AuditEvent Bind, AuditEvent? Listen)? FailedBind()
    {
        AuditEvent? failed = null;
        foreach (var one in _events)
        {
            if (one.Act == AuditAct.Bind)
                failed = one.Error is null ? null : failed ?? one;
            else if (one is { Act: AuditAct.Listen, Succeeded: true } && failed is not null)
                return (failed, one);
        }
        return failed is null || Binding is not null ? null : (failed, null);
    }
}
