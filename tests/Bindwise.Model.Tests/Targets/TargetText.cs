using System.Globalization;

namespace Bindwise.Model.Tests.Targets;

/// <summary>A target on one line, for tables: <c>tcp 127.0.0.1:80</c>, <c>udp -:53</c> (no host), <c>unix /run/x.sock</c>.</summary>
internal static class TargetText
{
    public static string Of(ParseResult<Target> result) => result.Value is { } target ? Of(target) : "error";

    public static string Of(Target target)
    {
        if (target.Protocol == Protocol.Unix)
            return "unix " + target.Path;
        if (target.Destination is { } destination)
            return "connect " + destination;
        var host = target.Host is null ? "-" : target.Host.Contains(':', StringComparison.Ordinal) ? "[" + target.Host + (target.Scope is { } scope ? "%" + scope : "") + "]" : target.Host;
        var port = target.Service ?? target.Port?.ToString(CultureInfo.InvariantCulture) ?? "?";
        return (target.Protocol == Protocol.Udp ? "udp " : "tcp ") + host + ":" + port;
    }
}
