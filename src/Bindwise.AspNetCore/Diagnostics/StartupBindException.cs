using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore;

/// <summary>
/// A start that failed because something could not be bound: an <see cref="IOException"/>, like Kestrel's own. For an address in use its inner
/// exception is an <see cref="AddressInUseException"/>, and that one's is the <see cref="BindException"/>. It is logged once, in the category
/// <c>Bindwise</c>, with fields; the stack stays in <see cref="Exception.StackTrace"/> and in the inner exceptions.
/// </summary>
public sealed class StartupBindException : IOException
{
    private readonly string _headline;
    private bool _isLogged;

    private StartupBindException(string headline, string message, Exception inner, BindException bind)
        : base(message, inner)
    {
        _headline = headline;
        Bind = bind;
    }

    /// <summary>The bind() that failed, with its error, its request and its attempts; never null.</summary>
    public BindException Bind { get; }

    /// <summary>The reason; null if the options asked for no explanation, or none was found.</summary>
    public Diagnosis? Diagnosis => Bind.Diagnosis;

    /// <summary>
    /// The message and what is in the way, in one line: hosts log it, and the runtime prints it again. If no log has what to do, that follows.
    /// The whole diagnosis is <c>Diagnosis.ToText()</c>.
    /// </summary>
    public override string ToString() => typeof(StartupBindException).FullName + ": " + OneLine
        + (!_isLogged && Advice.Of(Diagnosis) is { } advice ? $" Next: {advice}" : "");

    private string OneLine => Message.EndsWith(Bind.Message, StringComparison.Ordinal) ? Message : $"{Message} {Bind.Message}";

    /// <summary>Logs the diagnosis where there is one and somebody listens; the text is the short one from then on.</summary>
    internal void Log(ILogger logger, CommandLineDetail commandLines)
    {
        if (Diagnosis is null || !logger.IsEnabled(LogLevel.Error))
            return;
        StartLog.CannotBind(logger, _headline, Bind, commandLines);
        _isLogged = true;
    }

    /// <summary>For an endpoint of Kestrel.</summary>
    /// <param name="bind">What failed.</param>
    /// <param name="endpoint">The endpoint's name; null when it is not known which.</param>
    internal static StartupBindException Of(BindException bind, string? endpoint)
    {
        var isInUse = bind.SocketErrorCode == SocketError.AddressAlreadyInUse;
        var what = endpoint is null ? "Failed to bind" : $"Failed to bind to address {endpoint}";
        var headline = isInUse ? what + ": address already in use." : what + ".";
        return new StartupBindException(
            headline,
            isInUse ? headline : $"{what}: {bind.Message}",
            isInUse ? new AddressInUseException(bind.Message, bind) : bind,
            bind);
    }

    /// <summary>For a listener of a host.</summary>
    /// <param name="bind">What failed.</param>
    /// <param name="name">The listener's name; null when it is not known which.</param>
    internal static StartupBindException OfListener(BindException bind, string? name)
    {
        var what = $"The {(name is null ? "listeners" : $"listener '{name}'")} cannot be bound";
        return new StartupBindException(what + ".", $"{what}: {bind.Message}", bind, bind);
    }

    /// <summary>What Kestrel made of a failure on its way; null when that was something else.</summary>
    internal static StartupBindException? Within(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner is AggregateException { InnerExceptions: [var first, ..] } ? first : inner.InnerException)
        {
            if (inner is BindException bind)
                return new StartupBindException(exception.Message, exception.Message, exception.InnerException ?? bind, bind);
        }
        return null;
    }
}

/// <summary>
/// A start that was refused, with one sentence that says all: as text, which hosts log and the runtime prints again, it is that sentence. What
/// it stands for is its inner exception.
/// </summary>
internal sealed class StartRefusedException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>For requests that make no sense, alone or together. The name of a parameter means nothing to whoever wrote the URLs.</summary>
    public static StartRefusedException Of(IReadOnlyList<string> names, ArgumentException exception) => exception.Data["Bindwise.First"] is int first && exception.Data["Bindwise.Second"] is int second
        ? new($"{names[first]} and {names[second]} both ask for {exception.Data["Bindwise.Both"]}: leave one out.", exception)
        : new($"{string.Join(" and ", names)} cannot be bound: {exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal)}", exception);

    /// <inheritdoc/>
    public override string ToString() => $"{typeof(StartRefusedException).FullName}: {Message}";
}
