using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Saving;

/// <summary>What a snapshot file tells of policies.</summary>
internal static class PolicyFormats
{
    private static readonly Format<PolicyKind> Kind = new SpelledFormat<PolicyKind>(
        "a kind of policy", PolicyKinds.Name, text => (PolicyKinds.TryParse(text, out var kind), kind));

    private static readonly Format<PolicyRecord> Record = new RecordFormat<PolicyRecord>(new PolicyRecord { Kind = PolicyKind.Capability })
        .Required("kind", Kind, x => x.Kind, (x, v) => x with { Kind = v })
        .Field("name", Plain.Text, x => x.Name, (x, v) => x with { Name = v })
        .Field("where", Plain.TextOrNull, x => x.Where, (x, v) => x with { Where = v })
        .Field("detail", Plain.TextOrNull, x => x.Detail, (x, v) => x with { Detail = v })
        .Field("hook", Spellings.PolicyHook, x => x.Hook, (x, v) => x with { Hook = v })
        .Field("governsCaller", Plain.Boolean, x => x.GovernsCaller, (x, v) => x with { GovernsCaller = v })
        .Field("denies", Spellings.Fact, x => x.Denies, (x, v) => x with { Denies = v });

    /// <summary>The search for policies.</summary>
    public static readonly Format<PolicySurvey> Survey = new RecordFormat<PolicySurvey>(new PolicySurvey())
        .Field("processId", Plain.Int32.OrNull(), x => x.ProcessId, (x, v) => x with { ProcessId = v })
        .Field("noNewPrivileges", Spellings.Fact, x => x.NoNewPrivileges, (x, v) => x with { NoNewPrivileges = v })
        .Field("found", Record.List(), x => x.Found, (x, v) => x with { Found = v })
        .Field("absent", Kind.List(), x => x.Absent, (x, v) => x with { Absent = v })
        .Field("unread", Plain.Texts, x => x.Unread, (x, v) => x with { Unread = v });
}
