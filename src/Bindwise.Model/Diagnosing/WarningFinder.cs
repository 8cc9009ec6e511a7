using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Diagnosing.Topics.EphemeralPorts;
using Bindwise.Model.Diagnosing.Topics.Holders;
using Bindwise.Model.Diagnosing.Topics.Policies;

namespace Bindwise.Model.Diagnosing;

/// <summary>The dangers ahead of a bind that works, and traps beside one that does not, each from its topic.</summary>
internal static class WarningFinder
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        IEnumerable<Remark?> found = context.Target.Protocol == Protocol.Unix ? [UnixPathTopic.OldServer(context)] :
        [
            EphemeralPortTopic.InRange(context),
            .. context.Verdict == Verdict.Free ? ListenerTopic.Shadows(context).Append(SharingOptions.OnlyOneMayListen(context)) : [],
            PolicyTopic.AskedAfterwards(context),
            .. HolderRemarks.Warnings(context),
            UdpTopic.TakenBeside(context),
            ElsewhereFinder.Remark(context),
            DisagreementReport.Warning(context),
        ];
        return found.OfType<Remark>();
    }
}
