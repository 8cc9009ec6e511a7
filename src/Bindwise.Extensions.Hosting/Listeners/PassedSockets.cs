namespace Bindwise.Extensions.Hosting;

/// <summary>The sockets that were passed to this process (LISTEN_FDS), as the variables tell before anybody takes them.</summary>
internal sealed class PassedSockets
{
    private const int FirstDescriptor = 3;

    private readonly string? _process = Environment.GetEnvironmentVariable("LISTEN_PID");
    private readonly int _count =
        int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count : 0;

    /// <summary>There are some, and LISTEN_PID does not say that they are for this process.</summary>
    public bool AreAnothers => _count > 0 && _process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>How this process gets sockets that were passed to another.</summary>
    public string HowToTake =>
        (string.IsNullOrEmpty(_process) ? "LISTEN_PID is not set: let the program that starts this one set it"
            : "LISTEN_PID names another process: start this program with exec in the script")
        + $", or set {BindwiseHostOptions.SectionName}:{nameof(BindwiseHostOptions.ListenPidMismatch)} to "
        + $"{nameof(ListenPidMismatch.Take)}.";

    /// <summary>
    /// What to do where a passed socket is in the way of a bind: the general advice would be to close what somebody else keeps open.
    /// </summary>
    /// <param name="failure">The bind that failed.</param>
    /// <param name="mode">Whether passed sockets are taken.</param>
    /// <param name="ofTaken">What to do about one that was taken, and fits nothing; null where none was taken.</param>
    /// <returns>One or two sentences; null where no passed socket is in the way.</returns>
    public string? AdviceOn(BindException? failure, SocketActivationMode mode, string? ofTaken = null)
    {
        if (failure?.Diagnosis?.Blockers.Any(one => one.Owners.Any(IsPassed)) != true)
            return null;
        var step = mode == SocketActivationMode.Off
            ? $"Set {BindwiseHostOptions.SectionName}:{nameof(BindwiseHostOptions.SocketActivation)} to "
                + $"{nameof(SocketActivationMode.Matching)}."
            : ofTaken ?? (AreAnothers ? HowToTake : null);
        return step is null ? null : $"The socket there was passed to this process (LISTEN_FDS). {step}";
    }

    private bool IsPassed(Owner owner) => owner.Process.Id == Environment.ProcessId
        && owner.Descriptors.Any(one => one >= FirstDescriptor && one - FirstDescriptor < _count);
}
