namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>What is said of a /proc that tells no owners.</summary>
internal static class ProcMountText
{
    /// <summary>One clause; null where it tells them.</summary>
    public static string? Of(ProcMount state) => state switch
    {
        ProcMount.Own => null,
        ProcMount.Missing => "/proc is not mounted here",
        ProcMount.Foreign => "/proc is not that of this PID namespace",
    };

    /// <summary>What helps, a sentence; null where it tells them.</summary>
    public static string? Remedy(ProcMount state) => state switch
    {
        ProcMount.Own => null,
        ProcMount.Missing => "Ask again with /proc mounted: without it no holder can be found.",
        ProcMount.Foreign =>
            "Ask again with the /proc of this PID namespace: the one mounted here is another's, so no holder was looked for.",
    };
}
