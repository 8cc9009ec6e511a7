
namespace Bindwise.Cli.Verbs.Explain;

/// <summary>What a page of the documentation is about.</summary>
public enum PageKind
{
    /// <summary>A word of the subject.</summary>
    Term,

    /// <summary>A cause, as <c>time-wait</c>.</summary>
    Cause,

    /// <summary>A rule, as <c>BW004</c>.</summary>
    Rule,
}
