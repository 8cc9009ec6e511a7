using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;
using Bindwise.Supervising.Calls;

namespace Bindwise.Supervising.Holding;

/// <summary>What passes between this process and a start of the program until that executes the program.</summary>
/// <param name="plan">What to do about its sockets.</param>
/// <param name="hold">How it gets those that are kept.</param>
/// <param name="report">Whom to tell.</param>
/// <param name="sockets">What is kept.</param>
/// <param name="gate">Who has it may touch that, and the starts.</param>
[SupportedOSPlatform("linux")]
internal sealed class StartOpening(SupervisionPlan plan, HoldPlan hold, ISupervisionReport report, HeldSockets sockets, Lock gate)
{
    private const string NothingKept = "its sockets are not kept, and its restarts are plain ones";
    private readonly ProgramErrors _errors = new(isOwn: true);
    private readonly RefusalMemory _told = new();

    /// <summary>Says something in one line on standard error.</summary>
    internal void Tell(string message) => _ = _errors.TryWrite(0, report.Tell(message));

    /// <summary>Takes a message of a start, and answers it: its listener, that it has none, that the program cannot be executed, or that it is.</summary>
    internal void Hear(ProgramStart start, SafeFileDescriptor channel)
    {
        switch (ChannelText.Receive(channel, out var passed))
        {
            case [ChannelText.Watch, var killable, var rights] when passed is [var listener]:
                var supervisor = new Supervisor(plan, report, _errors, start.ProcessId, killable == ChannelText.Killable, new StartSockets(sockets, start), _told);
                start.IsSupervised = true;
                new CallServer(listener, supervisor, gate).Start();
                // What is so is so each time: it is said once.
                if (start.Reason is null)
                    Note(start.ProcessId, killable == ChannelText.Killable, rights == 'n');
                Answer(start, channel);
                break;
            case [ChannelText.Fault, .. var fault] when !start.IsSupervised && !start.IsUnsupervised:
                start.IsUnsupervised = true;
                if (start.Reason is null)
                    Tell($"{SupervisionLack.OfFilter(fault)}: {NothingKept}");
                Answer(start, channel);
                break;
            case [ChannelText.Fault, .. var why]:
                start.Fault = why;
                start.Executed(isProgram: false);
                break;
            default:
                start.Executed(isProgram: true);
                break;
        }
    }

    // With what is kept, where the program is to get it as a service manager would pass it.
    private void Answer(ProgramStart start, SafeFileDescriptor channel)
    {
        var passed = hold.PassesSockets ? sockets.All.Take(DescriptorMessage.MostDescriptors / 2).ToArray() : [];
        start.HasPassed = passed.Length > 0;
        foreach (var one in passed)
            _ = FileFlagsCall.SetNonBlocking(one.Copy, isNonBlocking: false);
        var names = string.Join(':', passed.Select((one, at) => at < hold.Names.Length ? hold.Names[at] : one.Name));
        _ = ChannelText.Send(channel, ChannelText.Ready + names, [.. passed.Select(static one => one.Copy.Number)]);
    }

    private void Note(int process, bool isKillableOnly, bool hasLostRights)
    {
        if (hasLostRights && plan.TellsLostRights)
            Tell(SupervisionLack.Rights);
        var errno = SupervisorProcess.Look(string.Create(CultureInfo.InvariantCulture, $"{process} 0"), out _);
        if (errno != Errno.None)
            Tell($"{SupervisionLack.OfTracing(errno.ToString())}: {NothingKept}");
        else if (!ThreadFile.IsOwn)
            Tell($"/proc is not that of this PID namespace: {NothingKept}");
        else if (!isKillableOnly)
            Tell($"this kernel is older than Linux 5.19: {NothingKept}");
    }
}
