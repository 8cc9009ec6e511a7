using System.Runtime.CompilerServices;

namespace Bindwise.Extensions.Hosting;

/// <summary>
/// Makes what a refused start throws. A method that names <see cref="StartRefusedException"/> makes the runtime load that type when it
/// comes to run, and with it the assembly of its <see cref="Diagnosis"/>: so methods that also run in a start that works name this class.
/// </summary>
internal static class StartFailure
{
    /// <summary>For another reason than a failed bind.</summary>
    // So short that, compiled ahead, it would become part of the method that names it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception Of(string message, Exception? inner = null) => new StartRefusedException(message, inner);

    internal static Exception OfListener(BindException bind, string? name, ILogger logger, CommandLineDetail commandLines, string? advice)
    {
        var what = $"The {(name is null ? "listeners" : $"listener '{name}'")} cannot be bound";
        var failure = new StartRefusedException(what + ".", $"{what}: {bind.Message}", bind, bind);
        failure.Log(logger, commandLines, advice);
        return failure;
    }

    /// <summary>What to do about passed sockets that no listener takes is another thing here than in a program's own code.</summary>
    internal static Exception OfPassed(SocketActivationException exception) => exception.Data["Bindwise.LeftOver"] is string sockets
        ? Of($"Sockets were passed for which this host has no listener, so clients there would wait in vain: {sockets}. Add a listener for "
                + $"each, remove them from the unit, or set {BindwiseHostOptions.SectionName}:SocketActivation to Off: then none is taken.",
            exception)
        : Of(exception.Message, exception);

    /// <summary>Whoever starts the host has given it up, as by Ctrl+C while it waits for a port.</summary>
    internal static Exception OfStop(WaitLog waiting, OperationCanceledException exception) => new StartCanceledException(
        waiting.Last is { } reason ? $"Stopped while waiting: {reason}" : "Stopped before the listeners were bound.", exception);

    /// <summary>The name of a parameter means nothing to whoever wrote the URLs.</summary>
    internal static Exception OfRequests(IReadOnlyList<string> names, ArgumentException exception)
    {
        if (exception.Data["Bindwise.First"] is int first && exception.Data["Bindwise.Second"] is int second)
            return Of($"{names[first]} and {names[second]} both ask for {exception.Data["Bindwise.Both"]}: leave one out.", exception);
        if (exception.Data["Bindwise.First"] is int wrong)
            (names, exception) = ([names[wrong]], (ArgumentException)exception.InnerException!);
        var reason = exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);
        return Of($"{string.Join(" and ", names)} cannot be bound: {reason}", exception);
    }
}

/// <summary>A start that was stopped before its listeners were bound; its text is one line, as that of a start that was refused.</summary>
internal sealed class StartCanceledException(string message, OperationCanceledException exception)
    : OperationCanceledException(message, exception, exception.CancellationToken)
{
    public override string ToString() => $"{typeof(OperationCanceledException).FullName}: {Message}";
}

/// <summary>
/// A start that was refused: a listener could not be bound, or its options or passed sockets make no sense. Its text, which hosts log and
/// the runtime prints again, is one line that says all; what it stands for is its inner exception. A bind that failed is logged once, in
/// the category <c>Bindwise</c>, with fields.
/// </summary>
public class StartRefusedException : IOException, IBindwiseException
{
    private readonly string? _headline;
    private bool _isLogged;
    private string? _advice;

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

    /// <summary>
    /// The bind() that failed, with its error, its request and its attempts; null if the start was refused for another reason.
    /// </summary>
    public BindException? Bind { get; }

    /// <summary>Why the bind failed; null if no bind failed, you asked for no explanation, or none was found.</summary>
    public Diagnosis? Diagnosis => Bind?.Diagnosis;

    /// <summary>
    /// The message and what is in the way, in one line: hosts log it, and the runtime prints it again. If no log has what to do, that
    /// follows. The whole diagnosis is <c>Diagnosis.ToText()</c>.
    /// </summary>
    public override string ToString() => GetType().FullName + ": " + OneLine
        + (!_isLogged && (_advice ?? AdviceOn(Diagnosis)) is { } advice ? $" Next: {advice}" : "");

    private string OneLine =>
        Bind is null || Message.EndsWith(Bind.Message, StringComparison.Ordinal) ? Message : $"{Message} {Bind.Message}";

    /// <summary>Logs the diagnosis where there is one and somebody listens; the text is the short one from then on.</summary>
    internal void Log(ILogger logger, CommandLineDetail commandLines, string? advice)
    {
        _advice = advice ?? AdviceOn(Diagnosis);
        if (Bind is null || _headline is null || !logger.IsEnabled(LogLevel.Error))
            return;
        StartLog.CannotBind(logger, _headline, Bind, commandLines, _advice);
        _isLogged = true;
    }

    // For somebody who reads the log of an application: the best remedy that needs no other tool.
    private static string? AdviceOn(Diagnosis? diagnosis)
    {
        var remedy = diagnosis?.Remedies.FirstOrDefault(
            static one => one.Command?.StartsWith("bindwise", StringComparison.Ordinal) != true);
        if (remedy is null)
            return null;
        var text = Escaper.EscapeSentence(remedy.Text.TrimEnd('.', ':', ' '));
        return remedy is { Command: { Length: > 0 } command, Language: null } ? $"{text}: {Escaper.Escape(command)}" : text + ".";
    }
}
