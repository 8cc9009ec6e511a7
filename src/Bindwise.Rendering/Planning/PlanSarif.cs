using Bindwise.Model.Planning;
using Bindwise.Rendering.Sarif;

namespace Bindwise.Rendering.Planning;

/// <summary>A plan's findings as SARIF 2.1.0 (OASIS), for what shows findings of checks beside the lines that they are about.</summary>
internal static class PlanSarif
{
    /// <summary>Writes it, indented, with the end of its last line.</summary>
    public static void Write(IBufferWriter<byte> output, PortPlan plan, string version)
    {
        var findings = Findings(plan);
        var sentences = plan.Conflicts.Select(static one => one.Rule).DistinctBy(static rule => rule.Id)
            .ToDictionary(static rule => rule.Id, static rule => rule.Sentence);
        SarifLog.Write(output, findings, rule => sentences.GetValueOrDefault(rule) ?? DescriptionOf(rule), version);
    }

    private static List<SarifResult> Findings(PortPlan plan)
    {
        var findings = new List<SarifResult>();
        foreach (var conflict in plan.Conflicts)
        {
            var first = conflict.First;
            var profiles = conflict.Profiles is { } names ? $" with profile {names}" : "";
            if (conflict.Second is { } second)
            {
                findings.Add(new SarifResult(conflict.Rule.Id, "error",
                    $"{second.Name} ({second.Text}) cannot have {conflict.Target}{profiles}: {first.Name} ({first.Text}) at "
                        + $"{first.Location} takes it. {conflict.Rule.Sentence}")
                {
                    Place = PlaceOf(second.Location),
                    Other = PlaceOf(first.Location),
                    OtherMessage = $"{first.Name} ({first.Text})",
                });
            }
            else
            {
                findings.Add(new SarifResult(conflict.Rule.Id, "error",
                    $"{first.Name} ({first.Text}) cannot have {conflict.Target}: {conflict.Running?.Name ?? "another process"} has it on "
                        + $"this host. {conflict.Rule.Sentence}")
                { Place = PlaceOf(first.Location) });
            }
        }
        findings.AddRange(plan.Remarks.Select(
            static remark => new SarifResult(remark.Id, remark.Level == PlanLevel.Warning ? "warning" : "note", remark.Text)
            {
                Place = PlaceOf(remark.Location),
                Other = PlaceOf(remark.Other),
                OtherMessage = "the other place",
            }));
        return findings;
    }

    private static SarifPlace? PlaceOf(PlanLocation? at) =>
        at is { } there ? new SarifPlace(there.File) { Line = there.Line, Column = there.Column } : null;

    private static string DescriptionOf(string remark) => remark switch
    {
        "in-ephemeral-range" => "The port is in the ephemeral range: a connection may take it first.",
        _ when remark == Cause.PrivilegedPort.Id() => "The port needs CAP_NET_BIND_SERVICE.",
        "browser-blocked" => "Browsers refuse to connect to the port.",
        "shared" => "Two programs share the port by a socket option.",
        "profiles-together" => "Two profiles collide if they are enabled together.",
        "likely-conflict" => "Two programs collide if one is given the port that is usual.",
        "other-port" => "A program finds its port taken and uses another one.",
        "replicas" => "More replicas than host ports.",
        "unknown-key" => "A key that the format does not have.",
        "unset-variable" => "A variable without a value.",
        "node-port-range" => "A nodePort outside of the usual range.",
        "unreadable" => "A file, or the rest of it, could not be read.",
        _ => "Something was not read or not understood.",
    };
}
