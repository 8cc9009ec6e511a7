namespace Bindwise.Lab.Coverage;

/// <summary>What is counted.</summary>
public enum CoverageKind : byte
{
    /// <summary>Steps by what they do (<c>bind</c>, <c>listen</c>).</summary>
    Op,

    /// <summary>Options that were set, by name.</summary>
    Option,

    /// <summary>Sysctls that were written, by name.</summary>
    Sysctl,

    /// <summary>Rules that decided a step, by id.</summary>
    Rule,

    /// <summary>TCP states that a socket was in, by name, once a scenario.</summary>
    State,

    /// <summary>Results, <c>ok</c> and errnos.</summary>
    Result,
}

/// <summary>How often something was met.</summary>
/// <param name="Model">On the model.</param>
/// <param name="Kernel">
/// On the kernel. For rules and states, which the kernel does not tell: where the kernel played the same and gave the same results.
/// </param>
public readonly record struct CoverageCount(long Model, long Kernel);
