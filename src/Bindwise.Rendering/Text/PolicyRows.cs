using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Text;

/// <summary>The policies that refuse the bind(), or may, for --verbose: the sentences above name them already.</summary>
internal static class PolicyRows
{
    public static void Write(Page page, Diagnosis diagnosis)
    {
        var label = "guard";
        foreach (var policy in diagnosis.Policies)
        {
            var text = new Paragraph().Add(PolicyKinds.Name(policy.Kind));
            if (policy.Name.Length > 0)
                text.Add(" ").Add(TextRole.Name, policy.Name);
            if (policy.Where is { } where)
                text.AddFact("on ").Add(TextRole.Text, where);
            if (policy.Detail is { } detail)
                text.AddFact(detail);
            page.Row(label, text.AddFact(policy.IsCertain ? "this one" : "possible"), hang: 2);
            label = "";
        }
    }
}
