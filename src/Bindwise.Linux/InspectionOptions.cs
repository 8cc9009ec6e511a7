using Bindwise.Linux.Subjects;

namespace Bindwise.Linux;

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
