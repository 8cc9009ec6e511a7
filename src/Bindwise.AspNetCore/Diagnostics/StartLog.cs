using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Escaping;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore;

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

/// <summary>Says in the log what a start waits for: once, and again when that becomes another thing.</summary>
internal sealed class WaitLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(StartLog.Category);

    /// <summary>The policy, which tells the log beside whomever it tells already.</summary>
    public RetryPolicy Over(RetryPolicy policy)
    {
        if (policy.Longest == TimeSpan.Zero)
            return policy;
        (Cause?, string)? told = null;
        return policy with { Waiting = policy.Waiting + Tell };

        void Tell(BindWait wait)
        {
            var now = (wait.Failure.Diagnosis?.Cause, HolderName.Of(wait.Failure.Diagnosis));
            if (now == told)
                return;
            told = now;
            StartLog.Waits(_logger, Math.Ceiling(wait.Left.TotalSeconds), wait.Failure.Message);
        }
    }
}

/// <summary>Who has a port, in a few words for one line of a log.</summary>
internal static class HolderName
{
    private const int Longest = 64;

    /// <summary><c>node (pid 8)</c>; without a visible process the cause, as <c>time-wait</c>.</summary>
    public static string Of(Diagnosis? diagnosis) => diagnosis is null
        ? "another socket"
        : diagnosis.Blockers.SelectMany(static one => one.Owners).FirstOrDefault()?.Process is { } process
            ? string.Create(CultureInfo.InvariantCulture, $"{Escaper.Escape(process.Name, Longest)} (pid {process.Id})")
            : $"a socket without a visible process ({diagnosis.Cause.Id()})";
}
