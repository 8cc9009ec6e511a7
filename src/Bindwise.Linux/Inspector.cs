using System.Collections.Immutable;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Inspecting;
using Bindwise.Linux.Subjects;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;

namespace Bindwise.Linux;

/// <summary>Takes the snapshot that a question needs from the running kernel: the narrow question first, wider only when the answer needs it.</summary>
public static class Inspector
{
    /// <summary>Reads what the target's answer stands on.</summary>
    /// <param name="target">What is asked.</param>
    /// <param name="options">How the program binds.</param>
    /// <param name="how">Whether to probe, and how far to look.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="InspectionException">The system cannot answer, as for an unknown host.</exception>
    public static Snapshot Inspect(Target target, ProgramOptions options, InspectionOptions how, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(how);
        if (!OperatingSystem.IsLinux())
            throw new InspectionException("this version can read only Linux's socket table; it reads a saved snapshot anywhere (--snapshot FILE)");
        // Names are the caller's affair, whatever the network namespace in which it is looked.
        var names = TargetNames.LookUp(target);
        return BoundedRun.Run(
            cancellation => how.As is { } program
                ? program.Run(() => Read(target, names, options, how, cancellation))
                : Read(target, names, options, how, cancellation),
            cancellationToken);
    }

    private static Snapshot Read(
        Target target, ImmutableArray<NameLookup> names, ProgramOptions options, InspectionOptions how, CancellationToken cancellationToken)
    {
        using var inspection = new Inspection(target, names, options, how, cancellationToken);
        inspection.ReadHost();
        if (how.As is not null)
            inspection.ReadProgramPolicies();
        try
        {
            ReadTable(target.Protocol, inspection);
        }
        catch (TableUnreadException e) when (target.Protocol != Protocol.Unix)
        {
            inspection.GiveUpTheTable(e.Message);
            BlindStages.Run(inspection);
        }
        catch (TableUnreadException e)
        {
            throw new InspectionException(e.Message, e);
        }
        inspection.AskPolicies();
        inspection.ReadUdpBeside();
        inspection.ReadPolicies();
        inspection.ReadElsewhere();
        return inspection.Finish();
    }

    private static void ReadTable(Protocol protocol, Inspection inspection)
    {
        switch (protocol)
        {
            case Protocol.Unix:
                UnixStages.Run(inspection);
                break;
            case Protocol.Udp:
                UdpStages.Run(inspection);
                break;
            default:
                TcpStages.Run(inspection);
                break;
        }
    }
}

/// <summary>How far an inspection goes.</summary>
public sealed record InspectionOptions
{
    /// <summary>Ask the kernel by a real bind() where the rules leave the answer open, and to confirm a free port; false: --no-probe.</summary>
    public bool Probe { get; init; } = true;

    /// <summary>Read also what the answer does not need (--verbose).</summary>
    public bool Everything { get; init; }

    /// <summary>The program for which is answered; null for the caller itself. Whoever found it disposes of it.</summary>
    public SubjectProgram? As { get; init; }
}

/// <summary>A fault of the system or of the question that leaves nothing to answer, as an unknown host. Its message is one line.</summary>
public sealed class InspectionException : Exception
{
    /// <summary>Without a message.</summary>
    public InspectionException()
    {
    }

    /// <summary>With a message of one line.</summary>
    public InspectionException(string message)
        : base(message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public InspectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
