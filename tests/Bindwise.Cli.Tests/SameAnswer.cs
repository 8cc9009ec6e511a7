using System.Text.Json.Nodes;

namespace Bindwise.Cli.Tests;

/// <summary>An answer and its replay from a snapshot: they differ only in the replay's date and in what acts on processes of then.</summary>
internal static class SameAnswer
{
    public static void Check(Run live, Run again)
    {
        Assert.Equal((live.ExitCode, live.Errors), (again.ExitCode, again.Errors));
        var (before, after) = (live.Output.Split('\n'), again.Output.Split('\n'));
        if (!live.Output.StartsWith('{'))
        {
            Assert.Equal(before[0], after[0]);
            return;
        }
        Assert.Equal(before.Length, after.Length);
        foreach (var (one, other) in before.Zip(after).Where(static pair => pair.First.Length > 0))
        {
            var (expected, actual) = (JsonNode.Parse(one)!.AsObject(), JsonNode.Parse(other)!.AsObject());
            var limits = actual["limits"]!.AsArray();
            Assert.Equal("from-snapshot", (string)limits[0]!["id"]!);
            limits.RemoveAt(0);
            Assert.True(actual["remedies"]!.AsArray().Count <= expected["remedies"]!.AsArray().Count);
            Assert.True(expected.Remove("remedies") && actual.Remove("remedies"));
            Assert.Equal(expected.ToJsonString(), actual.ToJsonString());
        }
    }
}
