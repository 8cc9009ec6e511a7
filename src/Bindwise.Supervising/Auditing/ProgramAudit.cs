using System.Runtime.CompilerServices;
using Bindwise.Model.Auditing;

namespace Bindwise.Supervising.Auditing;

/// <param name="Command">The program and its arguments, for people.</param>
internal sealed record AuditPlan(IReadOnlyList<string> Command)
{
    /// <summary>How long at most; null: until the program ends.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>What the program writes to its standard output goes to standard error: standard output is the report's.</summary>
    public bool SendsOutputToErrors { get; init; }

    /// <summary>Somebody wants it to end now.</summary>
    public CancellationToken Interruption { get; init; }

    public CancellationToken Urgency { get; init; }

    /// <summary>Takes what people should know meanwhile, a sentence each.</summary>
    public Action<string> Report { get; init; } = static _ => { };
}

/// <summary>The program was not audited.</summary>
/// <param name="exitCode">What to end with: 127 and 126 as shells do where the program was not found or cannot be executed, else 2.</param>
internal sealed class AuditException(string message, int exitCode) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>Runs a program and notes what it does with sockets.</summary>
[SupportedOSPlatform("linux")]
internal static class ProgramAudit
{
    private const int Unaudited = 2;

    // After the numbers that a program expects something at.
    private const int FirstFree = 10;

    /// <summary>Runs the program that is the end of this process's own command line, to its end or that of the audit.</summary>
    /// <exception cref="AuditException">It was not audited: not found, not executable, or the system does
    /// not allow it. It was not started then.</exception>
    public static AuditRecord Run(AuditPlan plan)
    {
        _ = AnyChildCall.CollectOrphans();
        using var deaths = SocketDeaths.TryOpen();
        using var table = TableLook.TryOpen();
        var program = Start(plan, out var channel);
        using (channel)
        {
            var answer = ChannelText.Receive(channel, out var passed);
            if (ChannelText.FilterOf(answer) is not { } filter || passed is not [var listener, ..])
                throw new AuditException(answer is [ChannelText.Fault, .. var fault] ? $"cannot audit: {fault}"
                    : "cannot audit: the program's process ended while it started", Unaudited);
            using var wake = new WakeSignal();
            var run = new AuditRun(plan, program, new AuditWatch(filter.HasFlag(FilterFacts.WaitsKillably), wake), wake, deaths, table);
            _ = ChannelText.Send(channel, $"{AuditedProgram.Go}");
            return run.Watch(listener, channel);
        }
    }

    private static int Start(AuditPlan plan, out SafeFileDescriptor channel)
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
                        }, out var program);
                    if (errno == Errno.None)
                        return program;
                }
            }
        }
        channel.Dispose();
        throw new AuditException($"cannot audit: no process can be started ({StartObstacle.Of(errno)})", Unaudited);
    }

    private static Errno CopyErrors(out SafeFileDescriptor copy)
    {
        using var errors = new SafeFileDescriptor(SupervisorProcess.Errors);
        var errno = DuplicateDescriptor.Copy(errors, FirstFree, out copy);
        errors.SetHandleAsInvalid();
        return errno;
    }
}
