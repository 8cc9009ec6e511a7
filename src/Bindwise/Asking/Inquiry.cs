using Bindwise.Linux;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Subjects;
using Bindwise.Linux.Units;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Snapshots;
using Bindwise.Portable;

namespace Bindwise;

/// <summary>Asks this system for one program, once or many times over: the one way to an answer, for library and command line.</summary>
internal sealed class Inquiry(Func<InspectionRequest, CancellationToken, Snapshot> inspect, Inspector? inspector) : IDisposable
{
    /// <summary>Begins, and finds the program for which is asked.</summary>
    /// <exception cref="PortQueryException">The program cannot be found, or not here.</exception>
    public static Inquiry Open(SubjectSelector? subject, bool portable)
    {
        if (portable || !OperatingSystem.IsLinux())
        {
            return subject is null or { IsCaller: true } ? new Inquiry(PortableInspector.Inspect, null)
                : throw new PortQueryException($"the question cannot be answered for {subject}: that needs Linux, and excludes Portable");
        }
        try
        {
            var opened = Inspector.Open(subject);
            return new Inquiry(opened.Inspect, opened);
        }
        catch (InspectionException exception)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }

    public static Diagnosis AskOnce(PortQuery question)
    {
        using var inquiry = Open(question.As, question.Portable);
        return inquiry.Ask(question, CancellationToken.None);
    }

    /// <summary>Answers for a program with what its own user may see, and no more.</summary>
    /// <param name="thread">A thread of the program that does nothing meanwhile.</param>
    /// <param name="stillStands">It has done nothing since.</param>
    /// <param name="question">What is asked, for that program.</param>
    /// <exception cref="PortQueryException">The system cannot answer, or not with these rights.</exception>
    [SupportedOSPlatform("linux")]
    public static Diagnosis AskWithItsRights(int thread, Func<bool> stillStands, PortQuery question)
    {
        return RunQuery(() => ProgramView.Run(thread, stillStands, () =>
        {
            using var inquiry = Open(question.As, question.Portable);
            var entry = inquiry.Inspect(question, CancellationToken.None);
            return Diagnoser.Diagnose(entry.Target, question.Options, ProgramView.IsOwn() ? entry.Snapshot : WithoutSelf(entry.Snapshot));
        }));
    }

    // What this process has open every thread of it may see, whichever rights it has taken on.
    private static Snapshot WithoutSelf(Snapshot snapshot)
    {
        var holders = snapshot.Holders.RemoveAll(static one => one.ProcessId == Environment.ProcessId);
        return holders.Length == snapshot.Holders.Length ? snapshot : snapshot with
        {
            Holders = holders,
            Coverage = snapshot.Coverage with { UnreadableProcesses = snapshot.Coverage.UnreadableProcesses + 1 },
        };
    }

    /// <summary>Looks at the system: all that the answer stands on, its secrets masked unless asked otherwise.</summary>
    public SnapshotEntry Inspect(PortQuery question, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entry = new SnapshotEntry(question.Target, RunQuery(() => inspect(question, cancellationToken)));
        return question.ShowSecrets ? entry : entry.Masked();
    }

    /// <summary>Looks at the system and answers: of a pasted error that TCP does not explain, for UDP.</summary>
    public Diagnosis Ask(PortQuery question, CancellationToken cancellationToken) => AskAll(question, cancellationToken).Last().Diagnosis;

    /// <summary>The same; where the answer is UDP's, that of TCP comes first.</summary>
    public IEnumerable<(SnapshotEntry Entry, Diagnosis Diagnosis)> AskAll(PortQuery question, CancellationToken cancellationToken)
    {
        for (Target? target = question.Target; target is not null;)
        {
            var entry = Inspect(question with { Target = target }, cancellationToken);
            var diagnosis = Diagnoser.Diagnose(entry.Target, question.Options, entry.Snapshot);
            yield return (entry, diagnosis);
            target = PastedErrors.AsUdp(target, diagnosis);
        }
    }

    /// <summary>Does something in the network namespace of the program in question.</summary>
    public T InNetwork<T>(Func<T> work)
    {
        if (!OperatingSystem.IsLinux() || inspector is null)
            return work();
        try
        {
            return inspector.InNetwork(work);
        }
        catch (InspectionException exception)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }

    /// <summary>What fails in a look at the system is a question that cannot be answered.</summary>
    public static T RunQuery<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (InspectionException exception)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            inspector?.Dispose();
    }
}

/// <summary>Work that blocks, on a thread of the pool.</summary>
internal static class PoolWork
{
    /// <summary>Runs it. When it is cancelled nobody waits for it any more: it must end by itself, and leave nothing open.</summary>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var running = Task.Run(work, cancellationToken);
        if (!cancellationToken.CanBeCanceled)
            return running;
        // What it says when nobody waits any more is no error that anybody failed to observe.
        _ = running.ContinueWith(static left => _ = left.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return running.WaitAsync(cancellationToken);
    }
}

/// <summary>A name of something that exists now. Neither text is escaped.</summary>
internal readonly record struct NameInUse(string Value, string About);

/// <summary>Names of what exists on this host now, for who completes a command line.</summary>
internal static class NamesInUse
{
    /// <summary>The TCP and UDP ports in use, as <c>8080</c> and <c>53/udp</c>.</summary>
    /// <param name="withOwners">Also says who holds them, which takes longer where processes hold up whoever looks at them.</param>
    public static IEnumerable<NameInUse> Ports(bool withOwners) =>
        from port in PortDiagnostics.List(new PortListRequest { Portable = !withOwners }).Ports
        where port is { Port: not null, LastPort: null }
        let number = port.Port!.Value.ToString(CultureInfo.InvariantCulture)
        select new NameInUse(port.Protocol == Protocol.Udp ? number + "/udp" : number, About(port));

    /// <summary>Services and sockets of systemd that have a file or run.</summary>
    public static IEnumerable<NameInUse> Units() =>
        OperatingSystem.IsLinux() ? ReadUnits().Select(static name => new NameInUse(name, "")) : [];

    public static IEnumerable<NameInUse> Containers() => !OperatingSystem.IsLinux() ? []
        : ReadContainers()
            .Select(static container => new NameInUse(container.Name ?? ContainerRecord.ShortId(container.Id), container.Image ?? ""));

    [SupportedOSPlatform("linux")]
    private static List<string> ReadUnits() => BoundedRun.Run(static _ => UnitNames.Read().ToList(), CancellationToken.None);

    [SupportedOSPlatform("linux")]
    private static List<ContainerRecord> ReadContainers() =>
        BoundedRun.Run(static _ => new ContainerReader().Running(EffectiveIds.User()).ToList(), CancellationToken.None);

    private static string About(ListedPort port)
    {
        var owner = port.Container ?? port.Unit ?? port.Name ?? port.UserName ?? "";
        return port.Owners is [var first, ..] ? string.Create(CultureInfo.InvariantCulture, $"{owner} (pid {first.Process.Id})") : owner;
    }
}
