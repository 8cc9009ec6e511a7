using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Bindwise.Linux.Proc;
using Bindwise.Model.Auditing;

namespace Bindwise.Supervising.Auditing;

/// <param name="Command">The program and its arguments, for people.</param>
internal sealed record AuditPlan(IReadOnlyList<string> Command)
{
    public TimeSpan? Time { get; init; }

    /// <summary>What the program writes to its standard output goes to standard error: standard output is the report's.</summary>
    public bool SendsOutputToErrors { get; init; }

    public CancellationToken Interruption { get; init; }
    public CancellationToken Urgency { get; init; }

    /// <summary>Signals that came for the program.</summary>
    public ConcurrentQueue<int> Signals { get; init; } = [];

    /// <summary>Takes what people should know meanwhile, a sentence each.</summary>
    public Action<string> Report { get; init; } = static _ => { };
}

/// <param name="exitCode">What to end with: 127 and 126 as shells do where the program was not found or cannot be executed, else 2.</param>
internal sealed class AuditException(string message, int exitCode) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>Runs a program and notes what it does with sockets.</summary>
internal static class ProgramAudit
{
    internal const int Unaudited = 2;

    // After the numbers that a program expects something at.
    private const int FirstFree = 10;

    /// <summary>Runs the program that is the end of this process's own command line, to its end or that of the audit.</summary>
    /// <exception cref="AuditException">It was not audited: not found, not executable, or the system does
    /// not allow it. It was not started then.</exception>
    public static AuditRecord Run(AuditPlan plan)
    {
        _ = AnyChildCall.CollectOrphans();
        using var deaths = SocketDeaths.TryOpen();
        using var table = TableReader.TryOpen();
        using var processes = new ProgramProcesses();
        var (program, place) = Start(plan, out var channel);
        using (channel)
        {
            var answer = ChannelText.Receive(channel, out var passed);
            if (ChannelText.FilterOf(answer) is not { } filter || passed is not [var listener, ..])
                throw new AuditException(answer is [ChannelText.Fault, .. var fault] ? $"cannot audit: {fault}"
                    : "cannot audit: the program's process ended while it started", Unaudited);
            // What cannot be seen would be a clean report.
            if (SupervisorProcess.CheckAccess(program, place) is { } whyNot)
                throw new AuditException($"cannot audit: {whyNot}", Unaudited);
            if (filter.HasFlag(FilterFacts.LostRights) && ProcessReplacement.GainsRights(Encoding.UTF8.GetBytes(plan.Command[0])))
                plan.Report(SupervisionLimits.Rights);
            using var wake = new WakeSignal();
            var auditor = new AuditWatch(filter.HasFlag(FilterFacts.WaitsKillably), wake);
            var run = new AuditRun(plan, program, processes, auditor, wake, deaths, table);
            return run.Watch(listener, channel);
        }
    }

    // The process, and the number by which it has its end of the channel.
    private static (int Process, int Place) Start(AuditPlan plan, out SafeFileDescriptor channel)
    {
        // The program's process takes the limit of this one, its parent.
        if (RuntimeFeature.IsDynamicCodeCompiled)
            ResourceLimitCall.TakeOpenFilesOfParent();
        var errno = SocketPairCall.Open(out channel, out var theirs);
        using (theirs)
        {
            // It gets the number that a second copy keeps free for it meanwhile.
            SafeFileDescriptor? place = null, output = null;
            if (errno == Errno.None)
                errno = DuplicateDescriptor.Copy(theirs, FirstFree, out place);
            if (errno == Errno.None && plan.SendsOutputToErrors)
                errno = CopyErrors(out output);
            using (place)
            using (output)
            {
                if (errno == Errno.None)
                {
                    (SafeFileDescriptor, int)[] outputs = output is null ? [] : [(output, 1)];
                    string[] words = [AuditedProgram.Verb, AuditedProgram.Option, place!.Number.ToString(CultureInfo.InvariantCulture),
                        plan.Command.Count.ToString(CultureInfo.InvariantCulture)];
                    errno = SpawnCall.Start(
                        new SpawnPlan(OwnProgram.File, [.. OwnProgram.Words, .. words], OwnProgram.Environs(static _ => true))
                        {
                            Descriptors = [(theirs, place.Number), .. outputs],
                            DefaultSignals = InheritedSignals.Defaults,
                        }, out var program);
                    if (errno == Errno.None)
                        return (program, place.Number);
                }
            }
        }
        channel.Dispose();
        throw new AuditException($"cannot audit: no process can be started ({StartObstacle.Of(errno)})", Unaudited);
    }

    private static Errno CopyErrors(out SafeFileDescriptor copy)
    {
        using var errors = SafeFileDescriptor.Borrow(SupervisorProcess.Errors);
        return DuplicateDescriptor.Copy(errors, FirstFree, out copy);
    }
}

/// <summary>
/// The process that becomes the audited program: this program again, as <c>bindwise audit --become</c>, the auditor's child. It hands the
/// auditor its filter's listener, and executes the command that is the end of the auditor's own command line.
/// </summary>
internal static class AuditedProgram
{
    internal const string Verb = "audit";
    internal const string Option = "--become";

    // What passes between the two: one letter, and text.
    internal const char Go = '>';
    internal const char NotExecuted = 'x';
    private const int LimitBytes = 4 * 1024 * 1024;

    /// <summary>Becomes the program, where the command line is that of such a process; returns only where that does not work.</summary>
    /// <returns>False when this process is none.</returns>
    public static bool TryRun(string[] arguments, out int exitCode)
    {
        exitCode = ProcessReplacement.NotExecutable;
        if (arguments is not [Verb, Option, var number, var length]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
            || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || descriptor <= SupervisorProcess.Errors || count < 1)
            return false;
        using var channel = new SafeFileDescriptor(descriptor);
        // The program must not have it; and its end tells the auditor that the program was executed.
        if (CloseOnExecCall.Set(descriptor, out _) != Errno.None)
            return true;
        var auditor = ParentDeathCall.Parent();
        // Of another PID namespace the auditor's number would be somebody else's, and so the command.
        if (!ProcMountReader.IsOwn || ReadCommand(auditor, count) is not { } command)
        {
            _ = ChannelText.Send(channel, ChannelText.Fault + (ProcMountReader.Fault is { } fault
                ? $"{fault} (unshare --mount-proc mounts it)" : "the command line cannot be read"));
            return true;
        }
        SeccompCall.AllowTracer(auditor);
        var hadNoNewPrivileges = SeccompCall.HasNoNewPrivileges();
        var errno = SeccompCall.Install(CallFilter.OfAudit(), out var listener, out var isKillableOnly);
        using (listener)
        {
            var isSent = errno == Errno.None
                ? ChannelText.Send(channel, ChannelText.Of(ChannelText.FactsOf(isKillableOnly, hadNoNewPrivileges)), listener.Number)
                : ChannelText.Send(channel, ChannelText.Fault + SupervisionLimits.OfFilter(errno.ToString()));
            if (!isSent || errno != Errno.None || ChannelText.Receive(channel, out _) is not [Go])
                return true;
        }
        // With the auditor's environment: this process's own went through texts, which need not hold all of it.
        var why = ProcessReplacement.Become(command, [], [], out exitCode,
            string.Create(CultureInfo.InvariantCulture, $"/proc/{auditor}/environ"));
        _ = ChannelText.Send(channel, string.Create(CultureInfo.InvariantCulture, $"{NotExecuted}{exitCode} {why}"));
        return true;
    }

    private static byte[][]? ReadCommand(int auditor, int count)
    {
        try
        {
            using var file = File.OpenRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{auditor}/cmdline"));
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            for (int length; (length = file.Read(buffer)) > 0 && content.Length < LimitBytes;)
                content.Write(buffer, 0, length);
            var words = new List<byte[]>();
            // Each word ends with a NUL, the last one too.
            var bytes = content.GetBuffer().AsSpan(0, Math.Max(0, (int)content.Length - 1));
            foreach (var range in bytes.Split((byte)0))
                words.Add(bytes[range].ToArray());
            return words.Count < count ? null : [.. words.TakeLast(count)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>
/// Ends the audited program and what it started, gently first: SIGTERM, once to each, and SIGKILL to what is left after five seconds.
/// </summary>
/// <param name="isFromTerminal">It got the terminal's SIGINT too, and has a second to end by it.</param>
internal sealed class AuditedEnding(int program, ProgramProcesses processes, bool isFromTerminal)
{
    private static readonly TimeSpan InterruptTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TerminateTime = TimeSpan.FromSeconds(5);

    /// <summary>A server's workers, which it tells itself, end soon after it.</summary>
    private static readonly TimeSpan WorkersTime = TimeSpan.FromMilliseconds(200);

    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly HashSet<int> _reported = [];
    private bool _isTerminated;
    private long? _aloneSince;

    internal bool HasKilled { get; private set; }

    /// <param name="isProgramThere">The program's own process was not waited for yet.</param>
    /// <param name="isUrgent">At once: somebody pressed Ctrl+C again.</param>
    internal void Pace(bool isProgramThere, bool isUrgent)
    {
        var passed = Stopwatch.GetElapsedTime(_since) - (isFromTerminal ? InterruptTime : TimeSpan.Zero);
        if (isUrgent || passed >= TerminateTime)
        {
            HasKilled = true;
            Left().ForEach(static process => Descendants.Signal(process, SignalCall.Kill));
        }
        else if (passed >= TimeSpan.Zero && !_isTerminated)
        {
            _isTerminated = true;
            // A server tells its workers itself; who is left without it is told here.
            if (isProgramThere)
                _ = SignalCall.SendToChild(program, SignalCall.Terminate);
            else
                SignalNew();
        }
        else if (_isTerminated && !isProgramThere && Stopwatch.GetElapsedTime(_aloneSince ??= Stopwatch.GetTimestamp()) >= WorkersTime)
        {
            SignalNew();
        }
    }

    private void SignalNew() => Left().FindAll(_reported.Add).ForEach(static process => Descendants.Signal(process, SignalCall.Terminate));

    private List<int> Left() => processes.Find(areSupervised: true) ?? [];
}
