using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Diagnosing;

/// <summary>A target as it is called in sentences and commands.</summary>
internal static class TargetNaming
{
    /// <summary><c>8080/tcp</c>, <c>127.0.0.1:8080/tcp</c> or a path.</summary>
    public static string Of(Target target, RequestPlan plan) =>
        EndpointOf(target, plan) + target.Protocol switch
        {
            Protocol.Tcp => "/tcp",
            Protocol.Udp => "/udp",
            _ => "",
        };

    /// <summary>What stands after <c>bindwise why</c>; TARGET where it is too long to be typed, or would be an option.</summary>
    public static ShellCommand ArgumentOf(Target target, RequestPlan plan) => ArgumentOf(target, plan, target.Protocol);

    /// <summary>The same for another protocol.</summary>
    public static ShellCommand ArgumentOf(Target target, RequestPlan plan, Protocol protocol) =>
        NameGrammar.Target.Word(EndpointOf(target, plan) + (protocol == Protocol.Udp ? "/udp" : "")) is { } word
            ? ShellCommand.Of($"{word}") : ShellCommand.Of($"TARGET");

    /// <summary>The address and port, or the path, as one would write them in a command.</summary>
    public static string EndpointOf(Target target, RequestPlan plan)
    {
        if (target.Protocol == Protocol.Unix)
            return target.Path ?? "";
        var port = plan.Port is { } p ? Wording.Number(p) : target.Service ?? "";
        return target.Host switch
        {
            null => port,
            var host when host.Contains(':', StringComparison.Ordinal) => "[" + host + (target.Scope is { } s ? "%" + s : "") + "]:" + port,
            var host => host + ":" + port,
        };
    }
}
