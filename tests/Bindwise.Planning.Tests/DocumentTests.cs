using System.Text;
using Bindwise.Planning.Documents;
using Bindwise.Planning.Reading;

namespace Bindwise.Planning.Tests;

public sealed class DocumentTests
{
    /// <summary>Ten anchors, each ten times the one before: ten billion values in two kilobytes.</summary>
    [Fact]
    public void YamlBomb_IsRefusedAtOnce_WithItsLine()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level <= 10; level++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        Assert.Empty(YamlTree.Read(text.ToString(), out var fault));
        Assert.Equal((6, "it stands for more than 200000 values, with its aliases written out"), (fault!.Line, fault.Message));
    }

    [Fact]
    public void MergesOfMerges_GiveEachKeyOnce()
    {
        var text = new StringBuilder("a0: &a0 {k: 1}\n");
        for (var level = 1; level <= 30; level++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{level}: &a{level}\n  <<: [*a{level - 1}, *a{level - 1}, *a{level - 1}]\n");
        Assert.Single(Assert.Single(YamlTree.Read(text.ToString(), out _))["a30"]!.Entries);
    }

    /// <summary>Each of 1000 maps, or one of them, is 1000 others: they are counted, however few keys are left.</summary>
    [Theory]
    [InlineData("  b{0}: {{<<: *a}}\n")]
    [InlineData("  b{0}: {{<<: *c}}\n")]
    [InlineData("  <<: *c\n")]
    public void MergeBomb_IsRefused(string line)
    {
        var text = new StringBuilder("a: &a\n");
        for (var key = 0; key < 1000; key++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  k{key}: 1\n");
        text.Append("c: &c [").AppendJoin(", ", Enumerable.Repeat("{k: 1}", 1000)).Append("]\nd:\n");
        for (var map = 0; map < 1000; map++)
            text.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, line, map);
        _ = YamlTree.Read(text.ToString(), out var fault);
        Assert.Contains("200000", fault!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void DeepNesting_IsRefused(string open)
    {
        _ = YamlTree.Read(string.Concat(Enumerable.Repeat(open, 5000)), out var fault);
        Assert.NotNull(fault);
    }

    [Fact]
    public void AliasToItself_IsAFault()
    {
        _ = YamlTree.Read("a: &a [*a]\n", out var fault);
        Assert.Equal("no anchor of that name stands before it", fault!.Message);
    }

    [Fact]
    public void Places_AreThoseOfTheText()
    {
        var root = Assert.Single(YamlTree.Read("# c\na:\n  - b: 1\n", out _));
        var entry = root["a"]!.Items[0].Entries[0];
        Assert.Equal((3, 5, 3, 8), (entry.Line, entry.Column, entry.Value.Line, entry.Value.Column));
        var json = JsonTree.Read("{\n  \"é\": [1,\n 2] }", out _)!;
        Assert.Equal((2, 3, 3, 2), (json.Entries[0].Line, json.Entries[0].Column, json["é"]!.Items[1].Line, json["é"]!.Items[1].Column));
    }

    [Theory]
    [InlineData("{\"a\": \"\\ud800\"}")]
    [InlineData("{\"a\": 1} x")]
    [InlineData("{\"a\"")]
    [InlineData("")]
    public void BrokenJson_IsAFaultOrNothing(string text) => Assert.True(JsonTree.Read(text, out var fault) is null || fault is not null);

    [Fact]
    public void JsonOfTooManyValues_IsRefused()
    {
        Assert.Null(JsonTree.Read($"[\n{string.Join(",\n", Enumerable.Repeat("1", 200_001))}]", out var fault));
        Assert.Equal((200_001, "it has more than 200000 values"), (fault!.Line, fault.Message));
    }

    // A service has the ports of the one that it extends: 1900 times 4000 would be seven million.
    [Fact]
    public void Compose_OfMillionsOfInheritedPorts_IsCutOff()
    {
        var text = new StringBuilder("services:\n  base:\n    ports:\n");
        for (var port = 10_000; port < 14_000; port++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"      - '{port}:1'\n");
        for (var service = 0; service < 1900; service++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  s{service}: {{extends: base}}\n");
        var input = new TestFolder(("compose.yaml", text.ToString())).Found();
        Assert.True(input.IsPart);
        Assert.Equal(4096, input.Ports.Length);
        Assert.Single(input.Remarks, static remark => remark.Id == "too-many-ports");
    }

    [Fact]
    public void DeepJson_IsRefused()
    {
        Assert.Null(JsonTree.Read(new string('[', 100_000), out var fault));
        Assert.NotNull(fault);
    }

    [Theory]
    [InlineData("a", "b/../c", "a/c")]
    [InlineData("", "./x", "x")]
    [InlineData("a", "../../x", "../x")]
    [InlineData("/etc", "../../x", "/x")]
    [InlineData("a", "/x", "/x")]
    public void Paths_ArePutTogether(string folder, string path, string expected) => Assert.Equal(expected, PlanPath.Combine(folder, path));

    [Theory]
    [InlineData("a.conf", "*.conf", true)]
    [InlineData(".a.conf", "*.conf", false)]
    [InlineData("a.conf", "a.????", true)]
    [InlineData("aXbXc", "a*b*c", true)]
    [InlineData("aXbXd", "a*b*c", false)]
    [InlineData("b1", "[ab]*", true)]
    [InlineData("c1", "[ab]*", false)]
    [InlineData("c1", "[!ab]*", true)]
    [InlineData("b1", "[a-c][0-9]", true)]
    [InlineData("d1", "[a-c][0-9]", false)]
    [InlineData("-", "[a-]", true)]
    [InlineData("]", "[]a]", true)]
    [InlineData("[x", "[x", true)]
    [InlineData("[x", "[[]?", true)]
    [InlineData("a.b.conf", "*.[bc].*f", true)]
    [InlineData("aab", "*a[b]", true)]
    [InlineData(".ab", "[.]ab", false)]
    public void Patterns_MatchAsInAShell(string name, string pattern, bool expected) => Assert.Equal(expected, PlanPath.Matches(name, pattern));

    /// <summary>Each once took minutes, as work for every part grew with the number of parts. The limit only ends what hangs.</summary>
    [Theory]
    [InlineData("haproxy.cfg", "frontend a\n bind ", "ipv4@", "")]
    [InlineData("nginx.conf", "http {", "include *;", "}")]
    [InlineData("nginx.conf", "http {", "include none*;", "}")]
    [InlineData("compose.yaml", "services:\n a:\n  ports: [\"", "${A:-", "\"]")]
    [InlineData("compose.yaml", "include: [", "compose.yaml,", "]")]
    [InlineData("package.json", "{\"scripts\":{\"a\":\"vite ", "--port 1 ", "\"}}")]
    public async Task Repetition_EndsSoon(string file, string before, string part, string after)
    {
        var folder = new TestFolder((file, before + string.Concat(Enumerable.Repeat(part, 900_000 / part.Length)) + after));
        await Task.Run(() => folder.Plan()).WaitAsync(TimeSpan.FromSeconds(180));
    }

    [Fact]
    public async Task Nginx_LongFileIncludedOftenIsCutOff_AndTold()
    {
        var folder = new TestFolder(("nginx.conf", "http { server {" + string.Concat(Enumerable.Repeat("include a;", 10_000)) + "} }"), ("a", string.Concat(Enumerable.Repeat("listen 81;", 50_000))));
        var input = await Task.Run(() => folder.Named("nginx.conf")).WaitAsync(TimeSpan.FromSeconds(180));
        Assert.True(input.IsPart);
        Assert.Equal("81/tcp", Assert.Single(input.Ports).Target);
        Assert.Equal(
            ["1 duplicate-listen: nginx does not start: one server has listen 81 and listen 81 (line 1), the same address and port",
                "1 not-understood: this include was not read: includes are nested more than 8 deep, or bring in too many directives"],
            Lines.Remarks(input).Distinct());
    }

    [Fact]
    [Trait("Lane", "second")]
    public async Task AsManyPortsAsAreTaken_AreCompared_Soon()
    {
        var listens = string.Concat(Enumerable.Range(0, 4100).Select(static number => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"server {{ listen 127.0.{number / 250}.{number % 250}:80; }}\n")));
        var plan = await Task.Run(() => new TestFolder(("nginx.conf", $"http {{\n{listens}}}\n")).Plan()).WaitAsync(TimeSpan.FromSeconds(180));
        Assert.Equal(4096, plan.Ports.Length);
        Assert.Contains(plan.Remarks, static remark => remark is { Id: "too-many-ports", Location.Line: 4098 });
    }

    [Fact]
    public void Page_NamesEveryFormatAndWarning()
    {
        var page = Repository.Read("docs/plan.md");
        Assert.Empty(PlanFormats.All.Where(format => !page.Contains($"| `{format}` |", StringComparison.Ordinal)));
    }
}
