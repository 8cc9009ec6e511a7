using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising;

/// <summary>The supervision cannot begin: a fault of the plan, as a file that cannot be written. The program was not started.</summary>
/// <param name="message">One line.</param>
public sealed class SupervisionException(string message) : Exception(message);

/// <summary>Puts this process, which is to become a program, under supervision.</summary>
[SupportedOSPlatform("linux")]
public static class SupervisionStart
{
    /// <summary>Variables that the supervisor needs itself; all others, and what is secret in them, stay with the program.</summary>
    private static readonly string[] Kept = ["DOTNET_", "LD_", "PATH", "HOME", "TZ"];

    /// <summary>
    /// Starts the supervisor, and lets it see from here on what the calling thread, and whatever that becomes and starts, does with sockets. The
    /// thread has to be the one that executes the program.
    /// </summary>
    /// <param name="plan">What to do about the sockets.</param>
    /// <param name="leases">Descriptors that the supervisor holds as long as it lives; at most 32.</param>
    /// <returns>What people should know before the program starts, a sentence each: what is not supervised and why.</returns>
    /// <exception cref="SupervisionException">The plan cannot be followed.</exception>
    public static IReadOnlyList<string> Begin(SupervisionPlan plan, params IReadOnlyList<System.Runtime.InteropServices.SafeHandle> leases)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(leases);
        var errno = Start(plan, out var channel);
        using (channel)
        {
            if (errno != Errno.None)
                return [Unsupervised($"the supervisor cannot be started ({errno})")];
            switch (ChannelText.Receive(channel, out _))
            {
                case [ChannelText.Fault, .. var fault]:
                    throw new SupervisionException(fault);
                case [ChannelText.Ready, .. var id] when int.TryParse(id, CultureInfo.InvariantCulture, out var supervisor):
                    SeccompCall.AllowTracer(supervisor);
                    break;
                default:
                    return [Unsupervised("the supervisor ended while it started")];
            }
            _ = ChannelText.Send(channel, string.Create(CultureInfo.InvariantCulture, $"{ChannelText.Look}{Environment.ProcessId} {channel.Number}"));
            return ChannelText.Receive(channel, out _) switch
            {
                [ChannelText.Ready] => Install(channel, plan, leases),
                [ChannelText.Fault, .. var lack] => [Unsupervised($"another process may not copy its sockets and addresses here ({lack}, pidfd_getfd and process_vm_readv: kernel.yama.ptrace_scope, or a container without CAP_SYS_PTRACE)")],
                _ => [Unsupervised("the supervisor ended while it started")],
            };
        }
    }

    /// <summary>How the supervisor's process is started.</summary>
    internal static SpawnPlan PlanOf(IReadOnlyList<string> words, IReadOnlyList<(SafeFileDescriptor From, int To)> descriptors) =>
        new(OwnProgram.File, [.. OwnProgram.Words, SupervisorProcess.Verb, SupervisorProcess.Option, .. words],
            OwnProgram.Environs(static name => Kept.Any(one => name.StartsWith(one, StringComparison.Ordinal))))
        {
            Descriptors = descriptors,
            HasOwnSession = true,
            DefaultSignals = [SignalCall.BrokenPipe],
        };

    private static List<string> Install(SafeFileDescriptor channel, SupervisionPlan plan, IReadOnlyList<System.Runtime.InteropServices.SafeHandle> leases)
    {
        var notes = new List<string>();
        var hadNoNewPrivileges = SeccompCall.HasNoNewPrivileges();
        var errno = SeccompCall.Install(plan.ReuseAddress, out var listener, out var isKillableOnly);
        using (listener)
        {
            if (errno != Errno.None)
            {
                notes.Add(Unsupervised(errno == Errno.EBUSY
                    ? "another supervisor, as another bindwise run, has this process already, and goes on with it (EBUSY, seccomp)"
                    : $"this system does not allow seccomp's user notification ({errno}), as some containers"));
                return notes;
            }
            int[] passed = [listener.Number, .. leases.Select(static one => (int)one.DangerousGetHandle())];
            var isWatched = ChannelText.Send(channel, $"{ChannelText.Watch}{(isKillableOnly ? ChannelText.Killable : '-')}", passed);
            if (!isWatched || ChannelText.Receive(channel, out _) is not [ChannelText.Ready])
                throw new SupervisionException("the supervisor ended while it started, and this process has its filter already: the program was not started");
        }
        if (!hadNoNewPrivileges && SeccompCall.HasNoNewPrivileges())
            notes.Add("without root, programs such as sudo and ping gain no rights under this one (no_new_privs)");
        if (!ThreadFile.IsOwn)
            notes.Add("/proc is not that of this PID namespace: SO_REUSEADDR is set, but failures are not explained, held or moved");
        if (!isKillableOnly)
            notes.Add("this kernel is older than Linux 5.19: SO_REUSEADDR is set, but failures are not explained, held or moved");
        return notes;
    }

    private static Errno Start(SupervisionPlan plan, out SafeFileDescriptor channel)
    {
        var errno = SocketPairCall.Open(out channel, out var theirs);
        using (theirs)
        {
            if (errno != Errno.None)
                return errno;
            // Behind the numbers that they get, so that filling one overwrites none that is still to be given.
            errno = DuplicateDescriptor.Copy(theirs, SupervisorProcess.Output + 1, out var end);
            using var output = Copied(1);
            using var input = Copied(Nothing());
            using (end)
            {
                if (errno != Errno.None || output is null || input is null)
                    return Errno.EMFILE;
                var keepsOutput = plan.Events == "-";
                (SafeFileDescriptor, int)[] events = keepsOutput ? [(output, SupervisorProcess.Output)] : [];
                var spawn = PlanOf([SupervisorProcess.Orphan, .. plan.ToWords()], [(input, 0), (input, 1), (end, SupervisorProcess.Channel), .. events]);
                spawn = spawn with { CloseFrom = keepsOutput ? SupervisorProcess.Output + 1 : SupervisorProcess.Output };
                errno = SpawnCall.Start(spawn, out var child);
                if (errno != Errno.None)
                    return errno;
                errno = ChildWaitCall.AwaitEnd(child, out var exitCode);
                _ = ChildWaitCall.TryReap(child);
                // Where SIGCHLD is ignored the kernel keeps no ended children, and the channel tells.
                return errno is Errno.None && exitCode != 0 ? Errno.EAGAIN : Errno.None;
            }
        }
    }

    private static SafeFileDescriptor? Copied(int descriptor)
    {
        using var own = new SafeFileDescriptor(descriptor);
        var errno = DuplicateDescriptor.Copy(own, SupervisorProcess.Output + 1, out var copy);
        if (descriptor <= SupervisorProcess.Errors)
            own.SetHandleAsInvalid();
        return errno == Errno.None ? copy : null;
    }

    private static int Nothing() => OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out var number) == Errno.None ? number : -1;

    private static string Unsupervised(string why) => $"{why}: this run adds nothing to the program";
}
