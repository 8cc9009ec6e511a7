using Bindwise.Supervising.Calls;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>Who is told what happens to a start, by whoever has the gate.</summary>
internal interface IStartNews
{
    /// <summary>Tells it; it is taken in later.</summary>
    void Post(RestartEvent news);
}

/// <summary>What passes between this process and a start of the program until that executes the program.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StartOpening(SupervisionPlan plan, HoldPlan hold, ISupervisionReport report, KeptSockets sockets, Lock gate)
{
    private const string NothingKept = "its sockets are not kept, and its restarts are plain ones";
    private readonly ProgramErrors _errors = new(isOwn: true);
    private readonly RefusalMemory _told = new();

    /// <summary>Says something in one line on standard error.</summary>
    internal void Report(string message) => _ = _errors.TryWrite(0, report.Note(message));

    /// <summary>
    /// Takes a message of a start, and answers it: its listener, that it has none, that the program cannot be executed, or that it is.
    /// </summary>
    /// <param name="channel">Its channel, which has something to read.</param>
    /// <param name="news">Whom the threads tell that answer its calls.</param>
    internal RestartEvent Receive(ProgramStart start, SafeFileDescriptor channel, IStartNews news)
    {
        switch (ChannelText.Receive(channel, out var passed))
        {
            case var text when ChannelText.FilterOf(text) is { } filter && passed is [var listener] && !start.IsPrepared:
                var isKillable = filter.HasFlag(FilterFacts.WaitsKillably);
                var supervisor =
                    new Supervisor(plan, report, _errors, start.ProcessId, isKillable, new StartSockets(sockets, start, news), _told);
                new CallServer(listener, supervisor, gate).Start();
                // What is so is so each time: it is said once.
                if (start.IsFirst)
                    Note(start.ProcessId, isKillable, filter.HasFlag(FilterFacts.LostRights));
                return Answer(start, channel, isSupervised: true);
            case [ChannelText.Fault, .. var fault] when !start.IsPrepared:
                if (start.IsFirst)
                    Report($"{SupervisionLack.OfFilter(fault)}: {NothingKept}");
                return Answer(start, channel, isSupervised: false);
            case [ChannelText.Fault, .. var why]:
                start.CloseChannel();
                return new RestartEvent.NotExecuted(start.Id, why);
            default:
                start.CloseChannel();
                return new RestartEvent.Executed(start.Id);
        }
    }

    // With what is kept, where the program is to get it as a service manager would pass it.
    private RestartEvent.Prepared Answer(ProgramStart start, SafeFileDescriptor channel, bool isSupervised)
    {
        start.IsPrepared = true;
        var passed = hold.PassesSockets ? sockets.All.Take(DescriptorMessage.MostDescriptors / 2).ToArray() : [];
        foreach (var one in passed)
            _ = FileFlagsCall.SetNonBlocking(one.Copy, isNonBlocking: false);
        var names = string.Join(':', passed.Select((one, at) => at < hold.Names.Length ? hold.Names[at] : one.Name));
        _ = ChannelText.Send(channel, ChannelText.Ready + names, [.. passed.Select(static one => one.Copy.Number)]);
        return new RestartEvent.Prepared(start.Id, isSupervised, passed.Length > 0);
    }

    private void Note(int process, bool isKillableOnly, bool hasLostRights)
    {
        if (hasLostRights && plan.TellsLostRights)
            Report(SupervisionLack.Rights);
        var errno = SupervisorProcess.FindProcess(string.Create(CultureInfo.InvariantCulture, $"{process} 0"), out _);
        if (errno != Errno.None)
            Report($"{SupervisionLack.OfTracing(errno.ToString())}: {NothingKept}");
        else if (!ThreadFile.IsOwn)
            Report($"/proc is not that of this PID namespace: {NothingKept}");
        else if (!isKillableOnly)
            Report($"this kernel is older than Linux 5.19: {NothingKept}");
    }
}
