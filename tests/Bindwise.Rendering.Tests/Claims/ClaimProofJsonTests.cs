using System.Buffers;
using System.Text;
using System.Text.Json;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Tests.Json;

namespace Bindwise.Rendering.Tests.Claims;

/// <summary>The JSON of a proof is what its schema says, one line, with nothing that moves a cursor.</summary>
public sealed class ClaimProofJsonTests
{
    [Fact]
    public void Write_EveryKindOfProof_IsWhatTheSchemaSays()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/claim.schema.json"));
        var checker = new SchemaChecker(schema.RootElement);
        foreach (var proof in new[] { Proofs.Conditional, Proofs.Wrong, Proofs.Documented, Proofs.Broken })
        {
            using var document = JsonDocument.Parse(Write(proof));
            Assert.Empty(checker.Check(document.RootElement));
        }
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Write_ConditionalProof_HasVerdictConditionAndEvidenceFirst() =>
        Assert.StartsWith(
            "{\"id\":\"reuse-time-wait\",\"verdict\":\"conditional\",\"condition\":\"both sockets had set it\",\"evidence\":\"both sockets had set it: "
            + "bind new 127.0.0.1:8080 gave ok; only the new one had set it: bind new 127.0.0.1:8080 gave EADDRINUSE, not ok\",\"kernel\":[{\"case\":\"both\",",
            Write(Proofs.Conditional),
            StringComparison.Ordinal);

    // The lines of lab list have no schema: the page alone says what is in them.
    [Fact]
    public void List_Page_NamesEveryFieldInOrder()
    {
        var buffer = new ArrayBufferWriter<byte>();
        ClaimListJson.Write(buffer, Proofs.Claim, "6.18");
        var page = Repository.Read("docs/json.md");
        var start = page.IndexOf("### A line of lab list", StringComparison.Ordinal);
        var rows = page[start..page.IndexOf("### A line of lab run", StringComparison.Ordinal)].Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal));
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        Assert.Equal(document.RootElement.EnumerateObject().Select(static field => field.Name), rows.Select(static row => row.Split('`')[1]));
    }

    [Fact]
    public void Write_Proofs_TellWhetherHostsAndRecordAgree()
    {
        Assert.Equal(("True", "True"), Reported(Proofs.Conditional));
        Assert.Equal(("False", "False"), Reported(Proofs.Wrong));
        Assert.Equal(("", "False"), Reported(Proofs.Documented));
    }

    [Fact]
    public void Write_HostileError_IsEscaped()
    {
        var line = Write(Proofs.Broken);
        Assert.DoesNotContain('\u001b', line);
        Assert.DoesNotContain('\n', line);
        using var document = JsonDocument.Parse(line);
        Assert.Equal("case new-only: step 0: no\u001b[31m room", document.RootElement.GetProperty("error").GetString());
    }

    private static (string Agree, string AsRecorded) Reported(ClaimProof proof)
    {
        using var document = JsonDocument.Parse(Write(proof));
        return (document.RootElement.GetProperty("agree").ToString(), document.RootElement.GetProperty("asRecorded").ToString());
    }

    private static string Write(ClaimProof proof)
    {
        var line = new ArrayBufferWriter<byte>();
        ClaimProofJson.Write(line, proof);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }
}
