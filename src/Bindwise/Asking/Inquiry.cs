using System.Runtime.Versioning;
using Bindwise.Linux;
using Bindwise.Linux.Subjects;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using Bindwise.Portable;
using Bindwise.Rendering.Saving;

namespace Bindwise;

/// <summary>
/// Looks at this system for one program, once or many times over. The program is found once and held, so that its number cannot come to
/// mean another.
/// </summary>
internal sealed class Inquiry : IDisposable
{
    private readonly bool _portable;
    private readonly SubjectProgram? _program;

    private Inquiry(bool portable, SubjectProgram? program)
    {
        _portable = portable;
        _program = program;
    }

    /// <summary>Begins.</summary>
    /// <param name="whom">The program for which it is asked; null for this process.</param>
    /// <param name="portable">Only what .NET itself can tell; so it is on every other system than Linux.</param>
    /// <exception cref="PortQuestionException">The program for which is asked cannot be found, or not here.</exception>
    public static Inquiry Open(SubjectSelector? whom, bool portable)
    {
        var byDotNet = portable || !OperatingSystem.IsLinux();
        if (whom is null or { IsCaller: true })
            return new Inquiry(byDotNet, null);
        if (byDotNet || !OperatingSystem.IsLinux())
            throw new PortQuestionException($"the question cannot be answered for {whom}: that needs Linux, and excludes Portable");
        try
        {
            return new Inquiry(portable: false, SubjectProgram.Find(whom));
        }
        catch (InspectionException exception)
        {
            throw new PortQuestionException(exception.Message, exception);
        }
    }

    /// <summary>Begins a question of one's own.</summary>
    /// <exception cref="PortQuestionException">The program for which is asked cannot be found, or not here.</exception>
    public static Inquiry Open(PortQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return Open(question.As, question.Portable);
    }

    /// <summary>Looks at the system: all that the answer stands on, its secrets masked unless asked otherwise.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="probe">Whether a real bind() may be tried.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="PortQuestionException">The system cannot answer.</exception>
    public SnapshotEntry Look(PortQuestion question, bool probe, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var snapshot = _portable || !OperatingSystem.IsLinux()
            ? InspectByDotNet(question, probe, cancellationToken)
            : InspectKernel(question, probe, cancellationToken);
        var entry = new SnapshotEntry(question.Target, snapshot);
        return question.ShowSecrets ? entry : entry.Masked();
    }

    /// <summary>Looks at the system and answers.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="probe">Whether a real bind() may be tried.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="PortQuestionException">The system cannot answer.</exception>
    public Diagnosis Ask(PortQuestion question, bool probe, CancellationToken cancellationToken)
    {
        var entry = Look(question, probe, cancellationToken);
        return Diagnoser.Diagnose(entry.Target, question.Options, entry.Snapshot);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            _program?.Dispose();
    }

    private static Snapshot InspectByDotNet(PortQuestion question, bool probe, CancellationToken cancellationToken)
    {
        try
        {
            return PortableInspector.Inspect(question.Target, question.Options, probe, cancellationToken);
        }
        catch (PortableInspectionException exception)
        {
            throw new PortQuestionException(exception.Message, exception);
        }
    }

    [SupportedOSPlatform("linux")]
    private Snapshot InspectKernel(PortQuestion question, bool probe, CancellationToken cancellationToken)
    {
        try
        {
            var how = new InspectionOptions { Probe = probe, Everything = question.Everything, As = _program };
            return Inspector.Inspect(question.Target, question.Options, how, cancellationToken);
        }
        catch (InspectionException exception)
        {
            throw new PortQuestionException(exception.Message, exception);
        }
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
        _ = running.ContinueWith(static left => _ = left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return running.WaitAsync(cancellationToken);
    }
}
