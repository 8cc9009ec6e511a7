using Bindwise.Model.Targets;

namespace Bindwise.Diagnostics;

/// <summary>What an inspector has to find out: one target, and how far it may go.</summary>
public record InspectionRequest
{
    /// <summary>The address, port or path.</summary>
    public required Target Target { get; init; }

    /// <summary>The options that the program sets before bind().</summary>
    internal virtual ProgramOptions Options { get; init; } = ProgramOptions.None;

    /// <summary>
    /// Whether to try a real bind() if the rules leave the answer open, and to confirm a free port; the socket is closed at once
    /// (docs/probe.md).
    /// </summary>
    public bool MayProbe { get; init; } = true;

    /// <summary>Also reads what the answer does not need, but <c>--verbose</c> shows. It costs more.</summary>
    internal bool Verbose { get; init; }

    /// <summary>
    /// The process that asks, where it is answered in the middle of its call (<c>run</c>); null for this one, which asks for itself.
    /// </summary>
    internal int? Asker { get; init; }

    /// <summary>
    /// Leaves out what the verdict does not need: the search of other network namespaces for the same port, and of another port that is
    /// free. For a question that is asked again and again.
    /// </summary>
    internal bool VerdictOnly { get; init; }
}
