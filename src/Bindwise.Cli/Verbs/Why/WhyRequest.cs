using System.Collections.Immutable;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>What <c>why</c> was asked on the command line, understood.</summary>
internal sealed record WhyRequest
{
    /// <summary>The targets as typed; <c>-</c> stands for an error text on standard input.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>How the program in question binds.</summary>
    public ProgramOptions Options { get; init; } = ProgramOptions.None;

    /// <summary>The other program for which it is to be answered; null for one that the caller starts.</summary>
    public SubjectSelector? As { get; init; }

    /// <summary>Whether a real bind() may be tried.</summary>
    public bool Probe { get; init; } = true;

    /// <summary>Stay until the target is free.</summary>
    public bool Follow { get; init; }

    /// <summary>Answer only with what .NET itself can tell, as on systems other than Linux.</summary>
    public bool Portable { get; init; }

    /// <summary>One line of JSON a target instead of text.</summary>
    public bool Json { get; init; }

    /// <summary>Leaves passwords, tokens and keys on command lines as they are.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>How much text.</summary>
    public Detail Detail { get; init; } = Detail.Normal;

    /// <summary>Where to save the snapshot; null for nowhere.</summary>
    public string? SaveTo { get; init; }

    /// <summary>The file to answer from instead of this system; null for this system.</summary>
    public string? AnswerFrom { get; init; }
}
