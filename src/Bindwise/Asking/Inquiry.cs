using System.Runtime.Versioning;
using Bindwise.Linux;
using Bindwise.Linux.Acting;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Secrets;
using Bindwise.Model.Snapshots;
using Bindwise.Portable;

namespace Bindwise;

/// <summary>
/// A question under way, once or many times over: the program for which it is asked is found once and held, so that its number cannot
/// come to mean another.
/// </summary>
internal sealed class Inquiry : IDisposable
{
    private readonly PortQuestion _question;
    private readonly ActingProgram? _program;

    private Inquiry(PortQuestion question, ActingProgram? program)
    {
        _question = question;
        _program = program;
    }

    /// <summary>Begins.</summary>
    /// <exception cref="PortQuestionException">The program for which is asked cannot be found, or not here.</exception>
    public static Inquiry Open(PortQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (question.As is null or { IsCaller: true })
            return new Inquiry(question, null);
        if (question.Portable || !OperatingSystem.IsLinux())
            throw new PortQuestionException($"the question cannot be answered for {question.As}: that needs Linux, and excludes Portable");
        try
        {
            return new Inquiry(question, ActingProgram.Find(question.As));
        }
        catch (InspectionException exception)
        {
            throw new PortQuestionException(exception.Message, exception);
        }
    }

    /// <summary>Looks at the system and answers.</summary>
    /// <param name="probe">Whether a real bind() may be tried.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="PortQuestionException">The system cannot answer.</exception>
    public Diagnosis Ask(bool probe, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var snapshot = _question.Portable || !OperatingSystem.IsLinux() ? InspectByDotNet(probe, cancellationToken) : InspectKernel(probe, cancellationToken);
        // Before the diagnosis, so that no answer can hold what was masked.
        return _question.ShowSecrets
            ? Diagnoser.Diagnose(_question.Target, _question.Options, snapshot)
            : Diagnoser.Diagnose(SecretMask.Of(_question.Target), _question.Options, SecretMask.Of(snapshot));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            _program?.Dispose();
    }

    private Snapshot InspectByDotNet(bool probe, CancellationToken cancellationToken)
    {
        try
        {
            return PortableInspector.Inspect(_question.Target, _question.Options, probe, cancellationToken);
        }
        catch (PortableInspectionException exception)
        {
            throw new PortQuestionException(exception.Message, exception);
        }
    }

    [SupportedOSPlatform("linux")]
    private Snapshot InspectKernel(bool probe, CancellationToken cancellationToken)
    {
        try
        {
            var how = new InspectionOptions { Probe = probe, Everything = _question.Everything, As = _program };
            return Inspector.Inspect(_question.Target, _question.Options, how, cancellationToken);
        }
        catch (InspectionException exception)
        {
            throw new PortQuestionException(exception.Message, exception);
        }
    }
}
