using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Diagnostics;

/// <summary>What is told in the log.</summary>
internal static partial class StartLog
{
    /// <summary>The category.</summary>
    public const string Category = "Bindwise";

    [LoggerMessage(1, LogLevel.Warning, "{Port} is taken by {Holder}: listening on {Chosen}")]
    public static partial void FellBack(ILogger logger, int port, string holder, int chosen);

    [LoggerMessage(2, LogLevel.Information, "{Endpoint} listens on the socket {Name} that was passed to this process")]
    public static partial void TookOver(ILogger logger, string endpoint, string name);

    [LoggerMessage(3, LogLevel.Warning, "The socket {Name} ({Address}), passed to this process, is used by no endpoint: it stays open, and its clients get no answer")]
    public static partial void Unused(ILogger logger, string name, string address);

    [LoggerMessage(4, LogLevel.Information, "{Url} is left out: the sockets that were passed to this process take its place")]
    public static partial void LeftOut(ILogger logger, string url);

    [LoggerMessage(5, LogLevel.Warning, "The port file cannot be removed: {Reason}")]
    public static partial void PortFileStays(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Warning, "This version of Kestrel does not show its endpoints: each is bound on its own, not all or none")]
    public static partial void EndpointsHidden(ILogger logger);

    [LoggerMessage(7, LogLevel.Error, "{Failure}\n{Diagnosis}")]
    public static partial void CannotBind(ILogger logger, string failure, string diagnosis);

    [LoggerMessage(8, LogLevel.Warning, "A socket that was passed to this process (LISTEN_FDS) is bound to {Address}, and no endpoint uses it: set Bindwise:Inherited to Matching, and use that address for an endpoint or name the socket in Bindwise:InheritedNames")]
    public static partial void Overlooked(ILogger logger, string address);

    [LoggerMessage(9, LogLevel.Information, "Waiting up to {Seconds} s: {Reason}")]
    public static partial void Waits(ILogger logger, double seconds, string reason);
}
