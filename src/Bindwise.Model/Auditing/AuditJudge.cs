using static System.FormattableString;

namespace Bindwise.Model.Auditing;

/// <summary>From what was seen to what was found. Pure: the same record gives the same findings.</summary>
internal static class AuditJudge
{
    /// <summary>More of one rule on one subject are counted, and not listed.</summary>
    private const int MostFindings = 200;

    /// <returns>The findings, the severest first; of one severity in the order in which they
    /// happened, what is about the end at last.</returns>
    public static ImmutableArray<AuditFinding> Judge(AuditRecord record)
    {
        var stories = SocketStory.Of(record);
        var searches = PortChecks.FindSearches(record, stories).ToList();
        var found = new List<AuditFinding>();
        foreach (var story in stories)
        {
            found.AddRange(OptionChecks.Of(record, story, stories));
            found.AddRange(PortChecks.Of(record, story, stories, searches));
            found.AddRange(ConnectionChecks.Of(record, story, stories));
        }
        found.AddRange(searches.Select(static one => one.Finding));
        found.AddRange(EndChecks.Of(record));
        return Merge(found);
    }

    // Workers of one server do the same, each for itself; and a socket that several of them listen on has one name.
    private static ImmutableArray<AuditFinding> Merge(List<AuditFinding> found) =>
        [.. found.GroupBy(static one => (one.Rule.Id, one.Message)).Select(static group => group.First() with { Count = group.Count() })
            .OrderByDescending(static one => one.Severity).ThenBy(static one => one.Event?.At ?? TimeSpan.MaxValue)
            .ThenBy(static one => one.Rule.Id.Value, StringComparer.Ordinal).Take(MostFindings)];
}

internal static class OptionChecks
{
    private const string ReuseAddress = "SO_REUSEADDR";
    private const string ReusePort = "SO_REUSEPORT";
    private const string V6Only = "IPV6_V6ONLY";
    private const string AddressWithoutPort = "IP_BIND_ADDRESS_NO_PORT";
    private static readonly ImmutableArray<string> ReadByBind = [ReuseAddress, ReusePort, V6Only, AddressWithoutPort, "IP_FREEBIND"];

    public static IEnumerable<AuditFinding> Of(AuditRecord record, SocketStory story, ImmutableArray<SocketStory> all)
    {
        var late = story.OptionsAfterBind().Where(one => IsLate(story, one)).ToList();
        foreach (var one in late)
        {
            yield return new AuditFinding(AuditRuleBook.OptionAfterBind, AuditSeverity.Warning,
                Invariant($"{one.Option} is set on {story.Name} after bind(): too late"),
                $"Set {one.Option} between socket() and bind(). What it is for: {PurposeOf(one.Option!)}.")
            {
                Event = one,
                Evidence = [Invariant($"bind() at {Seconds(story.Binding!.At)}, {one.Option} = {one.Value} at {Seconds(one.At)}")],
            }.WithCode(AuditCode.OfOption(one.Option!, one.Value, one.Language));
        }
        if (story is { IsTcpListener: true, Listening: { Options: { ReuseAddress: false, ReusePort: not true } } listen }
            && IsOnOwnPort(record, story) && !late.Any(static one => one.Option == ReuseAddress))
        {
            var isCleared = story.Binding?.Options.ReuseAddress == true;
            yield return new AuditFinding(AuditRuleBook.WithoutReuseAddress, AuditSeverity.Warning,
                $"{story.Name} listens without SO_REUSEADDR",
                isCleared ? "Do not clear SO_REUSEADDR after bind(): connections, and their TIME_WAIT, inherit it from the listener."
                    : "Set SO_REUSEADDR between socket() and bind(). It does not let two servers listen on one port.")
            {
                Event = listen,
                Evidence = ["after a connection that the server closes first, a restart fails with EADDRINUSE for 60 s"],
            }.WithCode(isCleared ? null : AuditCode.OfOption(ReuseAddress, 1, listen.Language));
        }
        // Set after bind() it shares nothing: that is told above.
        if (story is { IsTcpListener: true, Listening: { Options.ReusePort: true } shared } && story.Binding?.Options.ReusePort != false
            && all.Count(other => SharesPort(story, other)) == 1)
        {
            yield return new AuditFinding(AuditRuleBook.ReusePortWithoutNeed, AuditSeverity.Note,
                $"{story.Name} listens with SO_REUSEPORT, and no other socket of the program shares the port",
                "Leave SO_REUSEPORT out, unless a second copy of the program is meant to listen beside this one: with it, a copy that was "
                    + "started by mistake takes half of the connections, without any error.")
            { Event = shared };
        }
        if (story.FailedBind() is var (failed, _) && all.FirstOrDefault(other => MeetsOnIPv4(record, failed, other)) is { } held)
        {
            yield return new AuditFinding(AuditRuleBook.V6OnlyByDefault, AuditSeverity.Error,
                $"bind() to {SocketStory.Named(failed.Asked, failed)} failed with {failed.Error}: the program has {held.Name}, and [::] "
                    + "takes IPv4 too",
                "Set IPV6_V6ONLY before bind(), so that [::] leaves IPv4 to the other socket; or bind [::] alone, which takes both.")
            {
                Event = failed,
                Evidence = [$"{held.Name} was bound at {Seconds(held.Binding!.At)}, and was still open"],
            }.WithCode(AuditCode.OfOption(V6Only, 1, (failed.Family == IpFamily.IPv6 ? failed : held.Binding).Language));
        }
        // Where it is in its own program's way the error above says what to set.
        if (IsUnset(record, story) is { } wildcard
            && !all.Any(other => other.FailedBind() is var (refused, _) && MeetsOnIPv4(record, refused, story)))
        {
            yield return new AuditFinding(AuditRuleBook.V6OnlyByDefault, AuditSeverity.Note,
                $"{story.Name} leaves IPV6_V6ONLY to the system's default",
                "Set IPV6_V6ONLY before bind(): 0 to take IPv4 too, 1 to leave IPv4 to another socket.")
            {
                Event = wildcard,
                Evidence =
                [
                    record.Settings.BindV6Only switch
                    {
                        true => "net.ipv6.bindv6only is 1: IPv4 is refused here, and served where it is 0",
                        false => "net.ipv6.bindv6only is 0: IPv4 is served here, and refused where it is 1",
                        null => "net.ipv6.bindv6only decides",
                    },
                ],
            }.WithCode(AuditCode.OfOption(V6Only, 0, wildcard.Language));
        }
    }

    // Of a process that was only looked at no bind() was seen: a port of the ephemeral range may be the kernel's choice.
    private static bool IsOnOwnPort(AuditRecord record, SocketStory story) =>
        story.OwnPort is not null || (record.End == AuditEnd.Running && story.Binding is null && story.Local is { } local
            && !PortChecks.IsEphemeral(record, local.Port));

    private static bool SharesPort(SocketStory story, SocketStory other) =>
        other.Local?.Port == story.Local?.Port && (other.Listening ?? other.Binding) is { Protocol: Protocol.Tcp, Options.ReusePort: true };

    private static bool MeetsOnIPv4(AuditRecord record, AuditEvent failed, SocketStory other) =>
        failed is { Error: "EADDRINUSE", Asked: { Address: var asked, Port: > 0 and var port } }
        && other.Binding is { } made && made.Protocol == failed.Protocol && made.At <= failed.At
        && other.Local is { } local && local.Port == port
        && (asked == IpAddress.AnyIPv6 ? failed.Options.V6Only != true && local.Address.AsIPv4 is not null
            : asked.AsIPv4 is not null && local.Address == IpAddress.AnyIPv6 && made.Options.V6Only != true)
        && !(record.Closed.TryGetValue(other.Cookie, out var closed) && closed < failed.At);

    private static AuditEvent? IsUnset(AuditRecord record, SocketStory story)
    {
        if (record.EventsCut > 0 || story.Binding is not { Family: IpFamily.IPv6, Protocol: Protocol.Tcp or Protocol.Udp } bind
            || story.Local is not { Address.IsAny: true } || story.WasSetBeforeBind(V6Only))
            return null;
        // A client's socket that is bound to nothing in particular takes no connection.
        return story.IsTcpListener ? story.Listening : bind.Protocol == Protocol.Udp && story.OwnPort is not null ? bind : null;
    }

    private static bool IsLate(SocketStory story, AuditEvent option)
    {
        if (story.Binding is not { Protocol: not Protocol.Unix, Asked: not null } bind || !ReadByBind.Contains(option.Option!)
            || option.Value is not { } value)
            return false;
        return option.Option switch
        {
            V6Only => bind.Options.V6Only is { } had && had != (value != 0),
            // Where the kernel chose the port, nothing was in the way.
            ReuseAddress => value != 0 && bind.Options.ReuseAddress == false && story.OwnPort is not null,
            ReusePort => value != 0 && bind.Options.ReusePort == false && story.OwnPort is not null,
            AddressWithoutPort => value != 0 && bind.Options.AddressWithoutPort == false,
            // IP_FREEBIND: every address is one that the host has.
            _ => value != 0 && !bind.Asked.Value.Address.IsAny && !story.WasSetBeforeBind(option.Option!),
        };
    }

    private static string PurposeOf(string option) => option switch
    {
        ReuseAddress => "bind() passes over a TIME_WAIT",
        ReusePort => "several sockets listen on one port",
        V6Only => "whether [::] takes IPv4 too; the kernel refuses it on a bound socket with EINVAL",
        AddressWithoutPort => "bind() takes an address alone, and connect() the port",
        _ => "bind() takes an address that the host does not have",
    };

    internal static string Seconds(TimeSpan at) => Invariant($"{at.TotalSeconds:0.000} s");
}

/// <summary>Rules about what was left when the program had ended.</summary>
internal static class EndChecks
{
    private const int MostHeirs = 3;

    public static IEnumerable<AuditFinding> Of(AuditRecord record)
    {
        foreach (var path in record.FilesLeft)
        {
            var bind = record.Events.LastOrDefault(one => one is { Act: AuditAct.Bind, Succeeded: true } && one.Path == path);
            yield return new AuditFinding(AuditRuleBook.FileLeft, AuditSeverity.Note, $"{path} is still there after the program's end",
                "Unlink the file when the server ends, and before bind(), if nobody listens on it: the next bind() fails with EADDRINUSE "
                    + "as long as it is there.")
            {
                Event = bind,
                Evidence = ["nobody listens on it any more; whether the program removes it before its next bind() is not seen"],
            }.WithCode(AuditCode.OfFile(bind?.Language));
        }
        foreach (var socket in record.Inheritable)
        {
            var listen = record.Events.FirstOrDefault(one => one.Socket == socket.Socket);
            yield return new AuditFinding(AuditRuleBook.Inherited, AuditSeverity.Note,
                $"{SocketStory.Named(socket.Local, listen)} would be inherited by every program that this one executes",
                "Set close-on-exec on the socket (SOCK_CLOEXEC), unless it is meant to be passed on.")
            {
                Event = listen,
                Evidence = [Invariant($"descriptor {socket.Descriptor} has no FD_CLOEXEC")],
            }.WithCode(AuditCode.OfInheritance(listen?.Language));
        }
        // A shell that passes it on to what it starts is one mistake, not two.
        foreach (var heirs in record.Events.Where(static one => !IsJavasHelper(one.File))
            .SelectMany(static one => one.Inherits.Select(socket => (Execution: one, Socket: socket)))
            .GroupBy(static one => one.Socket.Socket))
        {
            var (execution, socket) = heirs.First();
            var name = SocketStory.Named(socket.Local, record.Events.FirstOrDefault(one => one.Socket == socket.Socket));
            var others = heirs.Select(static one => one.Execution.File).Distinct().Skip(1).ToList();
            yield return new AuditFinding(AuditRuleBook.Inherited, AuditSeverity.Warning,
                $"{execution.File ?? "a program that was started"} inherits the listening socket {name}",
                "Set close-on-exec on the socket (SOCK_CLOEXEC): as long as the other program runs, it keeps the port, even after the "
                    + "server's end.")
            {
                Event = execution,
                Evidence = [Invariant($"descriptor {socket.Descriptor} has no FD_CLOEXEC"),
                    .. others.Count > 0
                        ? [$"so does {string.Join(", ", others.Take(MostHeirs))}{(others.Count > MostHeirs ? " and others" : "")}"]
                        : Array.Empty<string>()],
            }.WithCode(AuditCode.OfInheritance(execution.Language));
        }
    }

    /// <summary>
    /// Through it Java starts other programs: it closes every descriptor above 2 first (childProcess(), childproc.c of OpenJDK).
    /// </summary>
    private static bool IsJavasHelper(string? file) => file?.EndsWith("/jspawnhelper", StringComparison.Ordinal) == true;
}
