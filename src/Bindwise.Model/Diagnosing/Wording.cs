using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Diagnosing;

/// <summary>Numbers, times and counts as they are written in sentences.</summary>
internal static class Wording
{
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>1 connection</c>, <c>3 connections</c>.</summary>
    public static string Count(long count, string one, string many) => Number(count) + " " + (count == 1 ? one : many);

    /// <summary><c>127.0.0.1, ::1 and 10.0.0.1</c>.</summary>
    public static string List(IReadOnlyList<string> parts) => parts.Count switch
    {
        0 => "",
        1 => parts[0],
        _ => string.Join(", ", parts.Take(parts.Count - 1)) + " and " + parts[^1],
    };

    public static string Alternatives(IReadOnlyList<string> parts) =>
        parts.Count < 2 ? List(parts) : string.Join(", ", parts.Take(parts.Count - 1)) + " or " + parts[^1];

    /// <summary>
    /// <c> for a program that sets SO_REUSEADDR</c>, with a blank before it; empty when it sets none of the sharing options.
    /// </summary>
    public static string Setting(IEnumerable<string> options) =>
        options.Where(static option => option.StartsWith("SO_REUSE", StringComparison.Ordinal)).ToList() is { Count: > 0 } sharing
            ? " for a program that sets " + List(sharing) : "";

    public static string AutomaticPort(string how) => $"Port 0 works{how}: the system has free ports to choose from";

    /// <summary>The kernel's spelling of a socket's state.</summary>
    public static string State(HeldSocket socket) => TcpStateNames.Of(socket.State, socket.Protocol);

    /// <summary>First letter as a capital.</summary>
    public static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}

/// <summary>A target as it is called in sentences and commands.</summary>
internal static class TargetNaming
{
    /// <summary><c>8080/tcp</c>, <c>127.0.0.1:8080/tcp</c> or a path.</summary>
    public static string Of(Target target, RequestPlan plan) => target.Protocol switch
    {
        Protocol.Unix => target.Path ?? "",
        Protocol.Udp => EndpointOf(target, plan) + "/udp",
        _ => EndpointOf(target, plan) + "/tcp",
    };

    /// <summary>The target as one types it; null where it is too long for that, or would be an option.</summary>
    public static ShellWord? Typed(Target target, RequestPlan plan) =>
        NameGrammar.Target.Word(EndpointOf(target, plan) + (target.Protocol == Protocol.Udp ? "/udp" : ""));

    /// <summary>The address and port, or the path, as one would write them in a command.</summary>
    public static string EndpointOf(Target target, RequestPlan plan)
    {
        if (target.Protocol == Protocol.Unix)
            return PathGrammar.Spell(target.Path ?? "");
        if (target.Destination is { } to)
            return to.Source is { } from ? $"connect {from}->{to}" : $"connect {to}";
        var port = plan.Port is { } p ? Wording.Number(p) : target.Service ?? "";
        return target.Host switch
        {
            null => port,
            var host when host.Contains(':', StringComparison.Ordinal) => "[" + host + (target.Scope is { } s ? "%" + s : "") + "]:" + port,
            var host => host + ":" + port,
        };
    }
}
