namespace Bindwise.Supervising;

/// <summary>What is to be known of a filter that a process has installed.</summary>
[Flags]
internal enum FilterFacts : byte
{
    None = 0,

    /// <summary>Whoever waits for an answer can be killed meanwhile (Linux 5.19).</summary>
    WaitsKillably = 1,

    /// <summary>The process had to give up new privileges for it.</summary>
    LostRights = 2,
}

/// <summary>Tells the facts of a filter that the calling process has installed.</summary>
internal static class InstalledFilter
{
    /// <param name="hadNoNewPrivileges">Whether the process had given up new privileges before.</param>
    public static FilterFacts FactsOf(bool isKillableOnly, bool hadNoNewPrivileges) =>
        (isKillableOnly ? FilterFacts.WaitsKillably : FilterFacts.None)
            | (!hadNoNewPrivileges && SeccompCall.HasNoNewPrivileges() ? FilterFacts.LostRights : FilterFacts.None);
}
