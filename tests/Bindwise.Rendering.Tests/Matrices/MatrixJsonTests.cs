using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;
using Bindwise.Rendering.Matrices;
using Bindwise.Rendering.Tests.Json;

namespace Bindwise.Rendering.Tests.Matrices;

public class MatrixJsonTests
{
    private static readonly Lazy<JsonElement> Schema = new(() => JsonDocument.Parse(Repository.Read("docs/schema/matrix.schema.json")).RootElement);

    private static readonly (string First, string Second)[] Pairs =
    [
        ("tcp reuseaddr reuseport 0.0.0.0 listen", "tcp 127.0.0.1:8080"), ("udp v6only [::]", "udp user 7 dual [::]"), ("tcp exclusive 127.0.0.1 time-wait", "tcp root reuseport_lb [::] listen"),
        ("tcp 127.0.0.1 connected", "tcp reuseaddr 127.0.0.1"), ("tcp 127.0.0.1", "tcp reuseaddr 127.0.0.1"),
    ];

    [Fact]
    public void Json_EveryKindOfCell_KeepsToTheSchemaAndMeetsAllOfIt()
    {
        var checker = new SchemaChecker(Schema.Value);
        Assert.Empty(checker.Check(Write(Cells(), null)));
        var verdict = new MatrixVerdict("6.18", 3, 1, [(Cells()[0], "expected ok, was EADDRINUSE")]);
        Assert.Empty(checker.Check(Write(Cells(), verdict)));
        Assert.Empty(checker.NeverMet);
    }

    [Fact]
    public void Json_Cell_SaysResultRuleCitationAndSureness()
    {
        var cell = Write([Cell("windows", "tcp 127.0.0.1", "tcp reuseaddr 127.0.0.1")], null).GetProperty("cells")[0];
        Assert.Equal("WSAEACCES or ok", cell.GetProperty("result").GetString());
        Assert.Equal(["WSAEACCES", "ok"], cell.GetProperty("results").EnumerateArray().Select(result => result.GetString()));
        var rule = cell.GetProperty("rule");
        Assert.Equal(
            ("WIN-3-PROSE", "vendor document"), (rule.GetProperty("id").GetString(), rule.GetProperty("sureness").GetString()));
        Assert.Contains("MicrosoftDocs", rule.GetProperty("citation").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(80)]
    [InlineData(120)]
    public void Text_Sentences_StayWithinTheWidth(int width)
    {
        var lines = MatrixText.Pair(Cells(), width).AddRange(MatrixText.Rules(Cells(), width)).AddRange(MatrixText.Facts(PlatformProfiles.All[^1], width));
        // A word that is too long stands unbroken.
        Assert.All(lines, line => Assert.True(line.ToString().Length <= Math.Max(width, 60), line.ToString()));
        if (width >= 80)
            Assert.All(lines, line => Assert.True(line.ToString().Length <= width, line.ToString()));
    }

    [Fact]
    public void Text_Pair_NamesSystemResultRuleAndSource()
    {
        var text = string.Join('\n', MatrixText.Pair([Cell("macos", "tcp 0.0.0.0 listen", "tcp reuseaddr 127.0.0.1")], 80).Select(line => line.ToString()));
        Assert.StartsWith("first     tcp 0.0.0.0 listen\nsecond    tcp reuseaddr 127.0.0.1\n\nmacOS     bind() ok  BSD-C  source read\n", text, StringComparison.Ordinal);
        Assert.EndsWith("          in_pcb.c, in6_pcb.c, XNU 11417.101.15", text, StringComparison.Ordinal);
    }

    private static ImmutableArray<MatrixCell> Cells() =>
        [.. PlatformProfiles.All.SelectMany(platform => Pairs.Select(pair => Cell(platform.Id, pair.First, pair.Second)))];

    private static MatrixCell Cell(string system, string first, string second) =>
        MatrixCell.Of(PlatformProfiles.Find(system)!, MatrixSpec.Read(first).Value!, MatrixSpec.Read(second).Value!);

    private static JsonElement Write(ImmutableArray<MatrixCell> cells, MatrixVerdict? verdict)
    {
        var line = new ArrayBufferWriter<byte>();
        MatrixJson.Write(line, PlatformProfiles.All, cells, verdict);
        Assert.Equal(-1, line.WrittenSpan.IndexOf((byte)'\n'));
        return JsonDocument.Parse(line.WrittenMemory).RootElement;
    }
}
