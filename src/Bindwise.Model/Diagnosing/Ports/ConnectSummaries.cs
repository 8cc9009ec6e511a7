using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Ports;

/// <summary>The first line of an answer about connect().</summary>
internal static class ConnectSummaries
{
    public static string Of(DiagnosisContext f, Destination destination, Func<DiagnosisContext, string> reasonOfRefusal)
    {
        var use = f.Snapshot.Ephemeral;
        var used = use is null ? "" : $": {Wording.Number(Taken(f))} of {Wording.Number(use.Usable)} are used for it";
        return f.Verdict switch
        {
            Verdict.Free => $"A connection to {destination} can get a source port now{used}.",
            Verdict.Undetermined => $"A connection to {destination} may get no source port{used}, and no port of the range is entirely free.",
            _ when f.Cause == CauseId.PortsExhausted => $"A connection to {destination} gets no source port (EADDRNOTAVAIL){used}, and the rest are bound.",
            _ => $"A connection to {destination} cannot be opened ({f.Decisive.Errno}): {reasonOfRefusal(f)}.",
        };
    }

    /// <summary>Connections to the destination, from the address that has the most.</summary>
    private static int Taken(DiagnosisContext f) => f.Snapshot.Ephemeral?.Destinations.Where(d => f.Plan.Destinations.Contains(d.Remote)).Select(static d => d.Count).DefaultIfEmpty(0).Max() ?? 0;
}
