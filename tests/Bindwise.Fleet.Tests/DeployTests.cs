using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Dashboard.Metrics;
using Bindwise.Model.Events;
using YamlDotNet.RepresentationModel;

namespace Bindwise.Fleet.Tests;

/// <summary>What stands in deploy/ is right by its own tools, and names what there is.</summary>
public partial class DeployTests
{
    // And a label of who has the rules.
    private static readonly HashSet<string> Metrics =
        [.. HostMetrics.Of(new MetricFacts(new HostCensus { TakenAt = default }, [], false, default, ""), 1).Select(static one => one.Name), "up", "bindwise_docs"];

    [IsolatedFact("promtool")]
    public async Task Promtool_PassesRulesAndAlertsAndTheirTests()
    {
        await Command.RunAsync("promtool", "check", "rules", Deploy("bindwise-rules.yml"), Deploy("bindwise-alerts.yml"));
        await Command.RunAsync("promtool", "test", "rules", Deploy("bindwise-alerts.test.yml"));
    }

    /// <summary>With a word in the place of each variable that Grafana fills in.</summary>
    [IsolatedFact("promtool")]
    public async Task Promtool_UnderstandsEachQueryOfTheDashboard()
    {
        var rules = new System.Text.StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        var number = 0;
        foreach (var query in QueriesOfTheDashboard())
        {
            var filled = query.Replace("$instance", "web1", StringComparison.Ordinal).Replace("$__rate_interval", "5m", StringComparison.Ordinal);
            Assert.DoesNotContain('$', filled);
            rules.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"      - record: dashboard:query:{++number}\n        expr: {JsonSerializer.Serialize(filled)}");
        }
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, rules.ToString());
        Assert.Contains($"{number} rules found", await Command.RunAsync("promtool", "check", "rules", file), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public void Alerts_EachHasATestAndAPageOfACause()
    {
        var tested = File.ReadAllText(Deploy("bindwise-alerts.test.yml"));
        var alerts = File.ReadAllText(Deploy("bindwise-alerts.yml"));
        foreach (Match alert in AlertName().Matches(alerts))
            Assert.Contains($"alertname: {alert.Groups[1].Value}\n        exp_alerts:\n          - exp_labels", tested, StringComparison.Ordinal);
        var pages = RunbookPage().Matches(alerts);
        Assert.Equal(AlertName().Count(alerts), pages.Count + 1);
        Assert.All(pages, static page => Assert.True(File.Exists(Repository.File(page.Groups[1].Value)), page.Value));
        Assert.Contains("bindwise_docs }}docs/causes/{{ if match", alerts, StringComparison.Ordinal);
    }

    [Fact]
    public void Queries_AskForMetricsThatThereAre()
    {
        var rules = File.ReadAllText(Deploy("bindwise-rules.yml"));
        var recorded = RecordName().Matches(rules).Select(static one => one.Groups[1].Value).ToHashSet();
        var dashboard = JsonDocument.Parse(File.ReadAllBytes(Deploy("grafana-dashboard.json"))).RootElement;
        var queries = QueriesOfTheDashboard().Append(rules).Append(File.ReadAllText(Deploy("bindwise-alerts.yml"))).ToList();
        foreach (Match name in queries.SelectMany(static query => MetricName().Matches(query)))
            Assert.True(Metrics.Contains(name.Value) || recorded.Contains(name.Value), name.Value);
        Assert.Equal(dashboard.GetProperty("panels").GetArrayLength(), dashboard.GetProperty("panels").EnumerateArray().Select(static one => one.GetProperty("id").GetInt32()).Distinct().Count());
    }

    [Fact]
    public void Kubernetes_ServesTheNodesAddressWithATokenAndTls()
    {
        var stream = new YamlStream();
        using (var text = File.OpenText(Deploy("kubernetes.yml")))
            stream.Load(text);
        var pod = stream.Documents.Select(static one => (YamlMappingNode)one.RootNode).Single(static one => one["kind"].ToString() == "DaemonSet")["spec"]["template"]["spec"];
        var container = ((YamlSequenceNode)pod["containers"]).Single();
        Assert.Equal(["--address=$(NODE_ADDRESS)", "--token-file=/etc/bindwise/token/token", "--tls-certificate=/etc/bindwise/tls/tls.crt", "--tls-key=/etc/bindwise/tls/tls.key", "--all-namespaces"],
            ((YamlSequenceNode)container["args"]).Select(static one => one.ToString()));
        Assert.Equal("status.hostIP", container["env"][0]["valueFrom"]["fieldRef"]["fieldPath"].ToString());
        Assert.Equal(("true", "true"), (pod["hostNetwork"].ToString(), pod["hostPID"].ToString()));
        foreach (var mount in (YamlSequenceNode)container["volumeMounts"])
            Assert.Contains((YamlSequenceNode)pod["volumes"], volume => volume["name"].ToString() == mount["name"].ToString());
    }

    private static IEnumerable<string> QueriesOfTheDashboard() =>
        JsonDocument.Parse(File.ReadAllBytes(Deploy("grafana-dashboard.json"))).RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray()).Select(static target => target.GetProperty("expr").GetString()!);

    private static string Deploy(string file) => Repository.File("deploy/" + file);

    [GeneratedRegex("- alert: (.*)")]
    private static partial Regex AlertName();

    [GeneratedRegex("- record: (.*)")]
    private static partial Regex RecordName();

    [GeneratedRegex(@"runbook_url: '\{\{ \$externalLabels\.bindwise_docs \}\}(docs/causes/[a-z-]+\.md)'")]
    private static partial Regex RunbookPage();

    [GeneratedRegex(@"\b[a-z_0-9:]*(bindwise|process)_[a-z_0-9:]+")]
    private static partial Regex MetricName();
}
