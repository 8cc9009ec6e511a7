using Microsoft.Extensions.Logging;

namespace Bindwise.Extensions.Hosting;

/// <summary>A start that was refused: a listener could not be bound, or its options or passed sockets make no sense. Its text, which hosts
/// log and the runtime prints again, is one line that says all; what it stands for is its inner exception. A bind that failed is logged
/// once, in the category <c>Bindwise</c>, with fields.</summary>
public class StartRefusedException : IOException, IBindwiseException
{
    private readonly string? _headline;
    private bool _isLogged;

    /// <summary>Makes the exception for a start that is refused for another reason than a failed bind.</summary>
    /// <param name="message">One sentence: what, why, and what to do.</param>
    /// <param name="innerException">The reason; null for none.</param>
    public StartRefusedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    internal StartRefusedException(string headline, string message, Exception innerException, BindException bind)
        : base(message, innerException)
    {
        _headline = headline;
        Bind = bind;
    }

    /// <summary>The bind() that failed, with its error, its request and its attempts; null if the start was refused for another
    /// reason.</summary>
    public BindException? Bind { get; }

    /// <summary>Why the bind failed; null if no bind failed, you asked for no explanation, or none was found.</summary>
    public Diagnosis? Diagnosis => Bind?.Diagnosis;

    /// <summary>The message and what is in the way, in one line: hosts log it, and the runtime prints it again. If no log has what to do,
    /// that follows. The whole diagnosis is <c>Diagnosis.ToText()</c>.</summary>
    public override string ToString() => GetType().FullName + ": " + OneLine
        + (!_isLogged && Advice.Of(Diagnosis) is { } advice ? $" Next: {advice}" : "");

    private string OneLine =>
        Bind is null || Message.EndsWith(Bind.Message, StringComparison.Ordinal) ? Message : $"{Message} {Bind.Message}";

    /// <summary>Logs the diagnosis where there is one and somebody listens; the text is the short one from then on.</summary>
    internal void Log(ILogger logger, CommandLineDetail commandLines)
    {
        if (Bind is null || _headline is null || Diagnosis is null || !logger.IsEnabled(LogLevel.Error))
            return;
        StartLog.CannotBind(logger, _headline, Bind, commandLines);
        _isLogged = true;
    }
}
