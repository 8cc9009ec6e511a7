using System.Text.Json.Nodes;
using Bindwise.Lab.Catalogue;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Browser.Tests;

/// <summary>Each method gives what the command line prints, and says of bad input what it says.</summary>
[Collection(PublishedCollection.Name)]
public sealed class AnswerTests(PublishedModel published)
{
    private NodeModel Model => published.Model;

    public static TheoryData<string> BadScenarios =>
    [
        "", "a = tc", "a = tcp 127.0.0.1:8080 lisen\nb = ", "claim mine\nsays \"x\"", "{\"steps\":[{\"op\":\"opn\"}]}", "{\"steps\":[", "-> ok", "a = tcp\nwait 99999999s",
        new string('x', 5000), "\u202e\u0007 = tcp", "\ud83d\ude00\ud83d\ude00 = tcp 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
    ];

    public static TheoryData<string, string> Matrices => new()
    {
        { "", "{}" },
        { "--on linux,macos --first|tcp reuseaddr 0.0.0.0|--second|tcp 127.0.0.1 listen", """{"on":["linux","macos"],"first":"tcp reuseaddr 0.0.0.0","second":"tcp 127.0.0.1 listen"}""" },
        { "--on all --addresses|0.0.0.0,v6only [::]|--options|none,reuseaddr/none", """{"on":"all","addresses":["0.0.0.0","v6only [::]"],"options":["none","reuseaddr/none"]}""" },
        { "--udp --user other --kernel 5.10", """{"udp":true,"user":"other","kernel":"5.10"}""" },
        { "--state time-wait --listen", """{"state":"time-wait","listen":true}""" },
    };

    public static TheoryData<string, string> BadMatrices => new()
    {
        { "--on|plan9", """{"on":"plan9"}""" },
        { "--on|macos|--kernel|6.1", """{"on":"macos","kernel":"6.1"}""" },
        { "--kernel|soon", """{"kernel":"soon"}""" },
        { "--kernel|4.19", """{"kernel":"4.19"}""" },
        { "--first|tcp", """{"first":"tcp"}""" },
        { "--first|tcp 0.0.0.0|--second|udp 0.0.0.0", """{"first":"tcp 0.0.0.0","second":"udp 0.0.0.0"}""" },
        { "--options|none,what", """{"options":"none,what"}""" },
        { "--addresses|0.0.0.0:80", """{"addresses":"0.0.0.0:80"}""" },
        { "--state|gone", """{"state":"gone"}""" },
        { "--user|root", """{"user":"root"}""" },
        { "--udp|--listen", """{"udp":true,"listen":true}""" },
    };

    [NodeTheory]
    [MemberData(nameof(BadScenarios))]
    public async Task Scenario_WithFaults_IsToldAsTheCommandLineDoes(string text)
    {
        var said = await CommandLine.RunAsync("UTC", text, "lab", "run", "--on", "model", "-");
        Assert.Equal(2, said.ExitCode);

        var rejection = await Model.RejectionAsync("play", text);
        Assert.Equal(rejection, await Model.RejectionAsync("trace", text));
        var told = said.FirstError;
        Assert.True(told == rejection || (rejection.EndsWith('…') && told.StartsWith(rejection[..^1], StringComparison.Ordinal)), $"{told}\n{rejection}");

        var parse = await Model.CallAsync("parse", text);
        Assert.Empty(parse["steps"]!.AsArray());
        var fault = parse["faults"]![0]!;
        var place = (int)fault["column"]! > 0 ? $"{fault["line"]}:{fault["column"]}" : $"{fault["line"]}";
        Assert.Equal(said.Errors.Count(static letter => letter == '\n'), parse["faults"]!.AsArray().Count);
        Assert.StartsWith($"standard input:{place}: ", told, StringComparison.Ordinal);
    }

    [NodeFact]
    public async Task Scenarios_Several_AreTooMany() =>
        Assert.Equal("standard input:2: a second scenario begins here; give one at a time", await Model.RejectionAsync("play", "{\"steps\":[]}\n{\"steps\":[]}"));

    [NodeFact]
    public async Task Play_OnAnUnknownSystemOrRelease_IsToldAsTheCommandLineDoes()
    {
        var system = await CommandLine.RunAsync("UTC", "", "lab", "prove", "--platform", "macoss", "tw-length");
        Assert.Equal(system.FirstError, await Model.RejectionAsync("play", "a = tcp", new { system = "macoss" }));
        var kernel = await CommandLine.RunAsync("UTC", "a = tcp", "lab", "run", "--on", "model", "--kernel", "3.2", "-");
        Assert.Equal(kernel.FirstError, await Model.RejectionAsync("trace", "a = tcp", new { kernel = "3.2" }));
    }

    [NodeFact]
    public async Task Steps_OfParse_HaveTheirLines()
    {
        var parse = await Model.CallAsync("parse", "# one\na = tcp 127.0.0.1:8080 listen -> ok\n\nb = connect a");
        Assert.Equal(["2 a = tcp", "2 bind a 127.0.0.1:8080", "2 listen a", "4 b = tcp", "4 connect b a"], parse["steps"]!.AsArray().Select(static step => $"{step!["line"]} {step["text"]}"));
        Assert.Empty(parse["faults"]!.AsArray());
    }

    [NodeFact]
    public async Task Trace_OfAClose_TellsSegmentsStatesAndTime()
    {
        var steps = (await Model.CallAsync("trace", "a = tcp 127.0.0.1:8080 listen\nc = connect a\ns = accept a\nclose s\nclose c\nwait 30s\nb = tcp 127.0.0.1:8080\nclose a"))["steps"]!.AsArray();
        string Flags(int index) => string.Join(", ", steps[index]!["segments"]!.AsArray().Select(static one => one!["flags"]));
        Assert.Equal("SYN, SYN ACK, ACK", Flags(4));
        Assert.Equal("FIN ACK, ACK", Flags(6));
        Assert.Equal("FIN ACK, ACK", Flags(7));
        var waiting = steps[8]!["sockets"]!.AsArray().Single(static row => (string)row!["state"]! == "TIME_WAIT")!;
        Assert.InRange((double)waiting["secondsLeft"]!, 30, 36);
        Assert.Equal(30, (double)steps[8]!["time"]!);
        Assert.Equal(["ESTABLISHED FIN_WAIT1 0", "ESTABLISHED CLOSE_WAIT 1", "FIN_WAIT1 FIN_WAIT2 2"],
            steps[6]!["states"]!.AsArray().Select(static change => $"{change!["from"]} {change["to"]} {change["after"]}").Order(StringComparer.Ordinal).OrderBy(static line => line[^1]));
        Assert.Equal(("EADDRINUSE", "BW004", "rules/BW004.html"), ((string)steps[10]!["result"]!, (string)steps[10]!["rule"]!, (string)steps[10]!["page"]!));
        Assert.Equal("a", (string)steps[10]!["blockers"]![0]!);
    }

    [NodeFact]
    public async Task Trace_OfSegmentsThatAreHeldAndLost_SaysSo()
    {
        var steps = (await Model.CallAsync("trace", "a = tcp 127.0.0.1:8080 listen\nc = connect a\ns = accept a\nhold c\nclose s\nlose c\nwait 1s"))["steps"]!.AsArray();
        Assert.Equal("held", (string)steps[7]!["segments"]![0]!["fate"]!);
        Assert.Equal("lost", (string)steps[8]!["segments"]![0]!["fate"]!);
        // Sent again while the wait goes on.
        Assert.InRange((double)steps[9]!["segments"]![0]!["time"]!, 0.1, 0.9);
    }

    [NodeTheory]
    [MemberData(nameof(Matrices))]
    public async Task Matrix_OfAQuestion_IsThatOfTheCommandLine(string words, string question)
    {
        var said = await CommandLine.RunAsync("UTC", "", ["matrix", "--json", .. Words(words)]);
        Assert.Equal((0, ""), (said.ExitCode, said.Errors));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(said.Output), await Model.CallAsync("matrix", JsonNode.Parse(question))));
    }

    [NodeTheory]
    [MemberData(nameof(BadMatrices))]
    public async Task Matrix_OfABadQuestion_IsToldAsTheCommandLineDoes(string words, string question) =>
        Assert.Equal((await CommandLine.RunAsync("UTC", "", ["matrix", .. words.Split('|')])).FirstError, await Model.RejectionAsync("matrix", JsonNode.Parse(question)));

    // What the button of a cell plays gives what the cell says.
    [NodeFact]
    public async Task Cells_AsScenarios_GiveWhatTheySay()
    {
        var cells = (await Model.CallAsync("matrix", new { addresses = "all", state = "listening" }))["cells"]!.AsArray();
        Assert.True(cells.Count > 100);
        foreach (var cell in cells.Where(static (_, index) => index % 7 == 0))
        {
            var text = (string)(await Model.CallAsync("cellScenario", cell!.DeepClone()))!;
            var steps = (await Model.CallAsync("trace", text))["steps"]!.AsArray();
            Assert.Equal((string)cell["result"]!, (string)steps[^1]!["result"]!);
            Assert.Equal((string)cell["rule"]!["id"]!, (string)steps[^1]!["rule"]!);
        }
    }

    [NodeFact]
    public async Task Explain_OfEveryWord_IsThatOfTheCommandLine()
    {
        var pages = (await CommandLine.RunAsync("UTC", "", "explain", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        var store = PageStore.Of(PageCatalogue.PagesOf);
        Assert.Equal(store.Pages.Length, pages.Count);
        foreach (var word in store.Words())
        {
            var page = await Model.CallAsync("explain", word);
            Assert.True(JsonNode.DeepEquals(pages.Single(one => (string)one["page"]! == store.Find(word)!.Path), page), word);
        }
    }

    [NodeTheory]
    [InlineData("TIME_WAITT")]
    [InlineData("8080")]
    [InlineData("no such thing at all")]
    [InlineData("BSD-B")]
    public async Task Explain_OfNoPage_IsToldAsTheCommandLineDoes(string word) =>
        Assert.Equal((await CommandLine.RunAsync("UTC", "", "explain", "--json", word)).FirstError, await Model.RejectionAsync("explain", word));

    [NodeTheory]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000")]
    [InlineData("OSError: [Errno 98] Address already in use: ('127.0.0.1', 8000)")]
    [InlineData("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\nnginx: [emerg] bind() to [::]:80 failed (98: Address already in use)")]
    [InlineData("bind EADDRINUSE null:8080")]
    [InlineData("8080")]
    [InlineData("53/udp")]
    public async Task Error_ThatNamesTargets_IsReadAsTheCommandLineDoes(string text)
    {
        var said = await CommandLine.RunAsync("UTC", text, "why", "-", "--json", "--no-probe");
        var targets = said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!["target"]!.ToJsonString());
        Assert.Equal(targets, (await Model.CallAsync("readError", text))["targets"]!.AsArray().Select(static target => target!.ToJsonString()));
    }

    [NodeTheory]
    [InlineData("")]
    [InlineData("nothing of this kind")]
    [InlineData("a\0b")]
    public async Task Error_ThatNamesNoTarget_IsToldAsTheCommandLineDoes(string text) =>
        Assert.Equal((await CommandLine.RunAsync("UTC", text, "why", "-", "--json", "--no-probe")).FirstError, await Model.RejectionAsync("readError", text));

    [NodeFact]
    public async Task Error_WithoutAPlace_HasItsName_AndTheCommandLinesSentence()
    {
        const string Text = "bind: Die Adresse wird bereits verwendet";
        var read = await Model.CallAsync("readError", Text);
        Assert.Empty(read["targets"]!.AsArray());
        Assert.Equal("EADDRINUSE", (string?)Assert.Single(read["errors"]!.AsArray())!["errno"]);
        Assert.Equal((await CommandLine.RunAsync("UTC", Text, "why", "-", "--json", "--no-probe")).FirstError, (string?)read["note"]);
    }

    [NodeFact]
    public async Task About_NamesWhatEveryMethodTakes()
    {
        var about = await Model.CallAsync("about");
        foreach (var system in about["systems"]!.AsArray())
            await Model.CallAsync("play", "a = tcp", new { system = (string)system!["id"]! });
        foreach (var kernel in about["kernels"]!.AsArray())
            await Model.CallAsync("play", "a = tcp", new { kernel = (string)kernel! });
        Assert.Contains((string)about["release"]!, about["kernels"]!.AsArray().Select(static kernel => (string)kernel!));
    }

    // Words in one text, with bars around those that hold blanks.
    private static IEnumerable<string> Words(string text) =>
        text.Split('|').SelectMany(static (part, index) => index % 2 == 0 ? part.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [part]);
}
