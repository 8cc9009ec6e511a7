namespace Bindwise.Diagnostics;

/// <summary>One bind() (and listen()) with one set of options.</summary>
public sealed record Attempt
{
    /// <summary>Address and options.</summary>
    public required BindRequest Request { get; init; }

    /// <summary>What bind() answers.</summary>
    public required CallResult Bind { get; init; }

    /// <summary>What listen() answers then; null when bind() fails, and for UDP.</summary>
    public required CallResult? Listen { get; init; }

    /// <summary>It is one of those that the verdict stands on.</summary>
    public required bool IsAsked { get; init; }

    /// <summary>The rule that decided.</summary>
    public required Rule? Rule { get; init; }
}
