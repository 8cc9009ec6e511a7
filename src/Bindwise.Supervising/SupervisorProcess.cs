namespace Bindwise.Supervising;

/// <summary>
/// The process that supervises a program: this program again, as <c>bindwise run --supervise PID</c>, in the background, and nobody's child
/// but init's. It ends with the last process that it supervises, and ignores the signals that ask for an end, as the program goes on
/// meanwhile.
/// </summary>
internal static class SupervisorProcess
{
    internal const string Verb = "run";
    internal const string Option = "--supervise";

    /// <summary>Its channel to the process that becomes the program.</summary>
    private const int Channel = BackgroundProcess.FirstDescriptor;

    /// <summary>
    /// Standard error as the program was started with it, for as long as the supervisor starts: under a number of which the runtime makes
    /// no copy.
    /// </summary>
    private const int ProgramErrorsNumber = Channel + 1;

    /// <summary>Standard output, where events go there.</summary>
    internal const int Output = ProgramErrorsNumber + 1;

    /// <summary>A process's standard error.</summary>
    internal const int Errors = 2;

    /// <summary>Supervises, where the command line is that of a supervisor.</summary>
    /// <returns>False when this process is none; true when nobody is left to be supervised.</returns>
    public static bool TryRun<TReport>(string[] arguments)
        where TReport : ISupervisionReport, new()
    {
        if (BackgroundProcess.WordsOf(arguments, Verb, Option) is not [_, .. var words] || SupervisionPlan.FromWords(words) is not { } plan)
            return false;
        foreach (var signal in new[] { SignalCall.HangUp, SignalCall.Interrupt, SignalCall.Terminate })
            SignalCall.Ignore(signal);
        using (var channel = new SafeFileDescriptor(Channel))
            Run(channel, plan, new TReport());
        return true;
    }

    private static void Run(SafeFileDescriptor channel, SupervisionPlan plan, ISupervisionReport report)
    {
        if (report.Open(plan) is { } fault)
        {
            _ = ChannelText.Send(channel, ChannelText.Fault + fault);
            return;
        }
        ProgramErrors errors;
        // Borrowed from the program from here on.
        using (new SafeFileDescriptor(ProgramErrorsNumber))
            errors = new ProgramErrors(ProgramErrorsNumber);
        // After the opening of its files, whose names may be relative.
        BackgroundProcess.Settle();
        if (!ChannelText.Send(channel, ChannelText.Ready + Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            || ChannelText.Receive(channel, out _) is not [ChannelText.Question, .. var words]
            || !ChannelText.Send(channel, ChannelText.Of(CheckAccess(words, out var program)))
            || ChannelText.FilterOf(ChannelText.Receive(channel, out var passed)) is not { } filter)
            return;
        // Leases of picked ports come along, and are held as long.
        if (passed is [var listener, ..])
        {
            var server = new CallServer(listener, new Supervisor(plan, report, errors, program, filter.HasFlag(FilterFacts.WaitsKillably)),
                new Lock());
            if (server.TryStart() && ChannelText.Send(channel, ChannelText.Ready + ""))
                server.Join();
        }
        foreach (var one in passed)
            one.Dispose();
    }

    private static string? CheckAccess(string words, out int program)
    {
        program = 0;
        return words.Split(' ') is [var process, var descriptor] && int.TryParse(process, CultureInfo.InvariantCulture, out program)
            && int.TryParse(descriptor, CultureInfo.InvariantCulture, out var number) ? CheckAccess(program, number) : nameof(Errno.EINVAL);
    }

    /// <summary>
    /// Whether this process may do with a program what it will for each call: get a handle on it, copy what it has open, read its memory.
    /// </summary>
    /// <param name="descriptor">One that the program has open.</param>
    /// <returns>Why not, half a sentence; null where it may, and of one that has ended, of which nothing will be asked.</returns>
    internal static string? CheckAccess(int process, int descriptor)
    {
        var errno = PidFdGetFd.OpenProcess(process, 0, out var handle);
        using (handle)
        {
            if (errno != Errno.None)
                return errno == Errno.ESRCH ? null : SupervisionLimits.OfTracing("pidfd_open", errno);
            errno = PidFdGetFd.Copy(handle, descriptor, out var copy);
            copy.Dispose();
            if (errno != Errno.None)
                return errno == Errno.ESRCH ? null : SupervisionLimits.OfTracing("pidfd_getfd", errno);
            // Of an address that no process has, and so EFAULT where reading is allowed.
            errno = ForeignMemory.Read(process, 0, stackalloc byte[1]);
            return errno is Errno.EPERM or Errno.EACCES or Errno.ENOSYS ? SupervisionLimits.OfTracing("process_vm_readv", errno) : null;
        }
    }
}

/// <summary>The controlling terminal of this process (tty(4)), whose Ctrl+C reaches every process of its foreground.</summary>
internal static class ControllingTerminal
{
    /// <summary>There is one, and it is not gone.</summary>
    internal static bool IsThere()
    {
        using var terminal = OpenAt.TryOpen("/dev/tty\0"u8);
        return terminal is not null;
    }
}
