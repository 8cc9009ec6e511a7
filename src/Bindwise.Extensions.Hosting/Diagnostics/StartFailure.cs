using Microsoft.Extensions.Logging;

namespace Bindwise.Extensions.Hosting;

/// <summary>Makes what a refused start throws. A method that names <see cref="StartRefusedException"/> makes the runtime load that type
/// when it comes to run, and with it the assembly of its <see cref="Diagnosis"/>: so methods that also run in a start that works name this
/// class.</summary>
internal static class StartFailure
{
    /// <summary>For another reason than a failed bind.</summary>
    /// <param name="message">One sentence: what, why, and what to do.</param>
    /// <param name="inner">The reason; null for none.</param>
    internal static Exception Of(string message, Exception? inner = null) => new StartRefusedException(message, inner);

    /// <param name="name">The listener's name; null when it is not known which.</param>
    /// <param name="commandLines">How much of the holder's command line it gets.</param>
    internal static Exception OfListener(BindException bind, string? name, ILogger logger, CommandLineDetail commandLines)
    {
        var what = $"The {(name is null ? "listeners" : $"listener '{name}'")} cannot be bound";
        var failure = new StartRefusedException(what + ".", $"{what}: {bind.Message}", bind, bind);
        failure.Log(logger, commandLines);
        return failure;
    }

    /// <summary>For passed sockets that cannot be taken. What to do about those that no listener takes is another thing here than in a
    /// program's own code.</summary>
    internal static Exception OfPassed(SocketActivationException exception) => exception.Data["Bindwise.LeftOver"] is string sockets
        ? Of(
            $"Sockets were passed for which this host has no listener, so clients there would wait in vain: {sockets}. Add a listener for "
                + "each, "
            + $"remove them from the unit, or set {BindwiseHostOptions.SectionName}:SocketActivation to Off: then none is taken.",
            exception)
        : Of(exception.Message, exception);

    /// <summary>For requests that make no sense, alone or together. The name of a parameter means nothing to whoever wrote the
    /// URLs.</summary>
    internal static Exception OfRequests(IReadOnlyList<string> names, ArgumentException exception)
    {
        if (exception.Data["Bindwise.First"] is int first && exception.Data["Bindwise.Second"] is int second)
            return Of($"{names[first]} and {names[second]} both ask for {exception.Data["Bindwise.Both"]}: leave one out.", exception);
        var reason = exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);
        return Of($"{string.Join(" and ", names)} cannot be bound: {reason}", exception);
    }
}
