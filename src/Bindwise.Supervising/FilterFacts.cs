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
