using System.Collections;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Extensions.Hosting;

internal static partial class StartLog
{
    [LoggerMessage(BindLogEvents.TookOver, LogLevel.Information, "{Endpoint} listens on the socket {Name} that was passed to this process")]
    public static partial void TookOver(ILogger logger, string endpoint, string name);

    [LoggerMessage(BindLogEvents.Unused, LogLevel.Warning,
        "The socket {Name} ({Address}), passed to this process, is used by no endpoint: it stays open, and its clients get no answer")]
    public static partial void Unused(ILogger logger, string name, string address);

    [LoggerMessage(BindLogEvents.UrlSuperseded, LogLevel.Information,
        "{Url} is left out: the sockets that were passed to this process take its place")]
    public static partial void UrlSuperseded(ILogger logger, string url);

    [LoggerMessage(BindLogEvents.PortFileStays, LogLevel.Warning, "The port file cannot be removed: {Reason}")]
    public static partial void PortFileStays(ILogger logger, string reason);

    [LoggerMessage(BindLogEvents.EndpointsHidden, LogLevel.Warning,
        "This version of Kestrel does not show its endpoints: each is bound on its own, not all or none")]
    public static partial void EndpointsHidden(ILogger logger);

    [LoggerMessage(BindLogEvents.Explains, LogLevel.Debug, "The whole diagnosis:\n{Diagnosis}")]
    public static partial void Explains(ILogger logger, string diagnosis);

    [LoggerMessage(BindLogEvents.NotTaken, LogLevel.Warning, "Sockets were passed to this process and are not used: {Reason}")]
    public static partial void NotTaken(ILogger logger, string reason);

    /// <summary>An endpoint got another port than the one asked for.</summary>
    public static void FellBack(ILogger logger, int port, Diagnosis? why, int chosen)
    {
        var holder = HolderName.Of(why);
        var what = holder is not null ? "taken by {Holder}" : why is null ? "taken or denied" : "denied ({Error})";
        Write(logger, LogLevel.Warning, new EventId(BindLogEvents.FellBack, nameof(FellBack)),
            "{Port} is " + what + ": listening on {Chosen}",
            new LogFields().Add("Port", port).Add("Holder", holder).Add("Chosen", chosen).AddCause(why).AddHolder(why));
    }

    /// <summary>A start failed: what, why and what to do, in one line; the evidence at Debug.</summary>
    public static void CannotBind(ILogger logger, string failure, BindException bind, CommandLineDetail commandLines, string? advice)
    {
        var diagnosis = bind.Diagnosis;
        var fields = new LogFields().Add("Failure", failure).Add("Reason", bind.Message).AddCause(diagnosis).AddTarget(diagnosis)
            .AddHolder(diagnosis);
        var template = "{Failure} {Reason}";
        if (CommandLines.Of(diagnosis, commandLines) is { } commandLine)
        {
            fields.Add("HolderCommandLine", commandLine);
            template += " Its command line: '{HolderCommandLine}'.";
        }
        if (advice is not null)
        {
            fields.Add("Advice", advice);
            template += " Next: {Advice}";
        }
        Write(logger, LogLevel.Error, new EventId(BindLogEvents.CannotBind, nameof(CannotBind)), template, fields);
        if (diagnosis is not null && logger.IsEnabled(LogLevel.Debug))
            Explains(logger, diagnosis.ToText(width: null));
    }

    public static void WaitingForAddress(ILogger logger, BindRetryContext wait)
    {
        var diagnosis = wait.Failure.Diagnosis;
        var fields = new LogFields().Add("Reason", wait.Failure.Message).AddCause(diagnosis).AddTarget(diagnosis).AddHolder(diagnosis);
        var isEndless = wait.Remaining == Timeout.InfiniteTimeSpan;
        if (!isEndless)
            fields.Add("Seconds", Math.Ceiling(wait.Remaining.TotalSeconds));
        Write(logger, LogLevel.Information, new EventId(BindLogEvents.WaitingForAddress, nameof(WaitingForAddress)),
            isEndless ? "Waiting: {Reason}" : "Waiting up to {Seconds} s: {Reason}", fields);
    }

    private static void Write(ILogger logger, LogLevel level, EventId id, string template, LogFields fields)
    {
        if (logger.IsEnabled(level))
            logger.Log(level, id, fields.Complete(template), null, static (fields, _) => fields.ToString());
    }
}

/// <summary>Says in the log what a start waits for: once, and again when that becomes another thing.</summary>
internal sealed class WaitLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(BindLogEvents.Category);

    /// <summary>What was waited for last, in a sentence; null where the start has not waited.</summary>
    public string? Last { get; private set; }

    /// <summary>The policy, which tells the log beside whomever it tells already.</summary>
    public BindRetryOptions Over(BindRetryOptions policy)
    {
        if (policy.Timeout == TimeSpan.Zero)
            return policy;
        string? last = null;
        return policy with { OnRetry = policy.OnRetry + Log };

        void Log(BindRetryContext wait)
        {
            Last = wait.Failure.Message;
            var now = $"{wait.Failure.Diagnosis?.Cause.Id()} {HolderName.Of(wait.Failure.Diagnosis)}";
            if (now == last)
                return;
            last = now;
            StartLog.WaitingForAddress(_logger, wait);
        }
    }
}

/// <summary>Who has a port, in a few words for one line of a log.</summary>
internal static class HolderName
{
    public const int Longest = 64;

    /// <summary>The process that holds the first socket in the way; null where none is visible.</summary>
    public static ProcessRecord? First(Diagnosis? diagnosis) =>
        diagnosis?.Blockers.SelectMany(static one => one.Owners).FirstOrDefault()?.Process;

    /// <summary>
    /// <c>node (pid 8)</c>; without a visible process the cause, as <c>time-wait</c>; null where nothing is known to have it.
    /// </summary>
    public static string? Of(Diagnosis? diagnosis) => diagnosis is null or { Errno: "EACCES" or "EPERM" }
        ? null
        : First(diagnosis) is { } process
            ? string.Create(CultureInfo.InvariantCulture, $"{Escaper.Escape(ProcessNames.NameOf(process), Longest)} (pid {process.Id})")
            : diagnosis.Cause == Cause.OwnerHidden ? "a process that this program cannot see, probably another user's"
            : $"a socket without a visible process ({diagnosis.Cause.Id()})";
}

/// <summary>The fields of one log event; what is not known has none. The text is made of its template, which has fields alone.</summary>
internal sealed class LogFields : IReadOnlyList<KeyValuePair<string, object?>>
{
    // Where providers look for the template: one for all events of a kind, whatever their values.
    private const string Template = "{OriginalFormat}";

    private readonly List<KeyValuePair<string, object?>> _fields = [];
    private string _text = "";

    public int Count => _fields.Count;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    /// <summary>Adds one, unless it is null.</summary>
    public LogFields Add(string name, object? value)
    {
        if (value is not null)
            _fields.Add(new(name, value));
        return this;
    }

    public LogFields AddCause(Diagnosis? diagnosis) =>
        Add("Cause", diagnosis?.Cause.Id()).Add("Error", diagnosis?.Errno).Add("SecondsLeft", SecondsLeft(diagnosis));

    public LogFields AddTarget(Diagnosis? diagnosis) => diagnosis is null ? this
        : diagnosis.Target.Path is { } path ? Add("Path", Escaper.Escape(path))
            : Add("Address", diagnosis.Target.Address?.ToString()).Add("Port", (int?)diagnosis.Port);

    public LogFields AddHolder(Diagnosis? diagnosis) => HolderName.First(diagnosis) is { } holder
        ? Add("HolderProcessId", holder.Id).Add("HolderName", Escaper.Escape(holder.Name, HolderName.Longest))
        : this;

    public LogFields Complete(string template)
    {
        var text = new StringBuilder();
        var rest = template;
        for (var open = rest.IndexOf('{', StringComparison.Ordinal); open >= 0; open = rest.IndexOf('{', StringComparison.Ordinal))
        {
            var close = rest.IndexOf('}', open);
            var name = rest[(open + 1)..close];
            text.Append(rest, 0, open).Append(Convert.ToString(_fields.Find(one => one.Key == name).Value, CultureInfo.InvariantCulture));
            rest = rest[(close + 1)..];
        }
        _text = text.Append(rest).ToString();
        return Add(Template, template);
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;

    private static double? SecondsLeft(Diagnosis? diagnosis) =>
        diagnosis?.FreeAt is { } freeAt ? Math.Max(0, Math.Round((freeAt - diagnosis.TakenAt).TotalSeconds, 1)) : null;
}
