using Bindwise.Browser.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Site.Tests;

/// <summary>The player as a reader uses it: by keyboard, by mouse, by links, in both languages.</summary>
[Collection(SiteTests.Name)]
public sealed class PlayerTests(BuiltSite site)
{
    private const string TwoServers = "a = tcp 127.0.0.1:8080 listen\nb = tcp 127.0.0.1:8080 listen\n";

    private static ILocator Verdict(ILocator within) => within.GetByRole(AriaRole.Status, new() { Name = "Verdict" });

    private static async Task Write(ILocator player, string text)
    {
        await player.GetByRole(AriaRole.Textbox, new() { Name = "Scenario" }).FillAsync(text);
        await player.Page.Keyboard.PressAsync("Escape");
    }

    [SiteFact]
    public async Task Scenario_Edited_StandsAtTheCallThatFailed()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await Write(player, TwoServers);

        await Expect(Verdict(player)).ToContainTextAsync("bind b 127.0.0.1:8080");
        await Expect(Verdict(player)).ToContainTextAsync("EADDRINUSE");
        await Expect(Verdict(player).GetByRole(AriaRole.Link, new() { Name = "BW004" })).ToHaveAttributeAsync("href", $"{BuiltSite.Origin}/rules/BW004.html");
        await Expect(player.Locator("[aria-current=step]")).ToContainTextAsync("bind b 127.0.0.1:8080");
        await Expect(player.GetByRole(AriaRole.Slider, new() { Name = "Step" })).ToHaveValueAsync("4");
        await Expect(player.GetByRole(AriaRole.Group, new() { Name = "Sockets" })).ToContainTextAsync("LISTEN");
        await Expect(player.GetByRole(AriaRole.Group, new() { Name = "States" })).ToContainTextAsync("LISTEN: a");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task Scenario_WithMistakes_TellsEachAtItsPlace()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await Write(player, "a = tcp 127.0.0.1:8080 lisen\nb = tcp foo\n");

        await Expect(player.GetByRole(AriaRole.Alert)).ToContainTextAsync("1:24: ");
        await Expect(player.GetByRole(AriaRole.Alert)).ToContainTextAsync("2:9: ");
        var text = player.GetByRole(AriaRole.Textbox, new() { Name = "Scenario" });
        await Expect(text).ToHaveAttributeAsync("aria-invalid", "true");

        await Write(player, TwoServers);
        await Expect(text).ToHaveAttributeAsync("aria-invalid", "false");
        await Expect(player.GetByRole(AriaRole.Alert)).ToBeEmptyAsync();
    }

    [SiteFact]
    public async Task Player_ByKeyboardAlone_Completes_Steps_AndDragsTime()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        var text = player.GetByRole(AriaRole.Textbox, new() { Name = "Scenario" });
        var keys = open.Page.Keyboard;
        await text.FocusAsync();
        await keys.PressAsync("Control+End");
        await keys.TypeAsync("last = tc");
        await Expect(player.GetByRole(AriaRole.Listbox, new() { Name = "Completions" }).GetByRole(AriaRole.Option).First).ToHaveTextAsync("tcp");
        await keys.PressAsync("ArrowDown");
        await keys.PressAsync("Enter");
        await Expect(text).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("last = tcp$"));
        await Expect(player.GetByRole(AriaRole.Listbox)).ToHaveCountAsync(0);
        await Expect(Verdict(player)).ToContainTextAsync("EADDRINUSE");
        await Expect(player.Locator(".steps")).ToContainTextAsync("last = tcp");

        await player.GetByRole(AriaRole.Slider, new() { Name = "Step" }).FocusAsync();
        await keys.PressAsync("Home");
        await Expect(Verdict(player)).ToContainTextAsync("old = tcp");
        await keys.PressAsync("ArrowRight");
        await Expect(player.Locator("[aria-current=step]")).ToContainTextAsync("bind old 127.0.0.1:8080");
        await player.GetByRole(AriaRole.Button, new() { Name = "Next step" }).PressAsync("Enter");
        await Expect(player.Locator("[aria-current=step]")).ToContainTextAsync("listen old");

        var time = player.GetByRole(AriaRole.Slider, new() { Name = "Time" });
        await time.FillAsync("30");
        await Expect(player.GetByRole(AriaRole.Group, new() { Name = "Timers" })).ToContainTextAsync("32.0 s");
        await time.FillAsync("63");
        await Expect(player.GetByRole(AriaRole.Group, new() { Name = "Timers" })).ToContainTextAsync("No timer runs.");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task WhatIf_AToggle_ChangesTheVerdictBesideTheOneAsWritten()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "What if" }).ClickAsync();
        var (written, other) = (player.GetByRole(AriaRole.Group, new() { Name = "As written" }), player.GetByRole(AriaRole.Group, new() { Name = "What if" }));
        var old = player.GetByRole(AriaRole.Checkbox, new() { Name = "SO_REUSEADDR on the old socket" });
        await Expect(old).Not.ToBeCheckedAsync();
        await Expect(player.GetByRole(AriaRole.Checkbox, new() { Name = "SO_REUSEADDR on the new socket" })).ToBeCheckedAsync();
        await Expect(Verdict(other)).ToContainTextAsync("EADDRINUSE");

        await old.CheckAsync();
        await Expect(Verdict(other)).ToContainTextAsync("bind new 127.0.0.1:8080 gave ✓ ok");
        await Expect(Verdict(written)).ToContainTextAsync("EADDRINUSE");

        await old.UncheckAsync();
        foreach (var name in new[] { "SO_LINGER 0", "Another address" })
        {
            var box = player.GetByRole(AriaRole.Checkbox, new() { Name = name });
            await box.CheckAsync();
            await Expect(Verdict(other)).ToContainTextAsync("✓ ok");
            await box.UncheckAsync();
            await Expect(Verdict(other)).ToContainTextAsync("EADDRINUSE");
        }
        await player.GetByRole(AriaRole.Combobox, new() { Name = "Who closes first" }).SelectOptionAsync("client");
        await Expect(Verdict(other)).ToContainTextAsync("✓ ok");
        await player.GetByRole(AriaRole.Combobox, new() { Name = "Who closes first" }).SelectOptionAsync("both");
        await Expect(Verdict(other)).ToContainTextAsync("EADDRINUSE");
        await player.GetByRole(AriaRole.Combobox, new() { Name = "System" }).SelectOptionAsync("macos");
        await Expect(Verdict(other)).ToContainTextAsync("✓ ok");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task Matrix_ACell_LeadsToItsRuleAndItsScenario()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "Matrix" }).ClickAsync();
        var row = player.GetByRole(AriaRole.Table, new() { Name = "Matrix" }).GetByRole(AriaRole.Row).Filter(new() { Has = open.Page.GetByRole(AriaRole.Rowheader, new() { Name = "127.0.0.1" }) });
        await Expect(row).ToContainTextAsync("EADDRINUSE");
        await Expect(row.GetByRole(AriaRole.Link, new() { Name = "BW004" }).First).ToBeVisibleAsync();
        await row.GetByRole(AriaRole.Button).First.ClickAsync();

        await Expect(player.GetByRole(AriaRole.Tab, new() { Name = "Scenario" })).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(player.GetByRole(AriaRole.Tab, new() { Name = "Scenario" })).ToBeFocusedAsync();
        await Expect(Verdict(player)).ToContainTextAsync("EADDRINUSE");
        Assert.Empty(open.Errors);
    }

    [SiteTheory]
    [InlineData("""{"v":1,"kernel":"9.99"}""", "9.99")]
    [InlineData("""{"v":1,"tab":"matrix","matrix":{"system":"amiga"}}""", "amiga")]
    public async Task Link_ThatNamesUnknownRules_IsPlayedByThoseOfThePage_AndSaysSo(string state, string name)
    {
        await using var open = await site.Open($"play/index.html#{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(state)).TrimEnd('=')}", zone: "UTC");
        var player = await open.Player();
        await Expect(player.GetByText($"The link names {name}, which is not known here")).ToBeVisibleAsync();
        await Expect(player.GetByRole(AriaRole.Combobox, new() { Name = "System" })).ToHaveValueAsync("linux");
        await Expect(player.GetByRole(AriaRole.Combobox, new() { Name = "Kernel" })).Not.ToHaveValueAsync("");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task Printed_NothingOfTheScenarioIsCutOff()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await Write(player, string.Concat(Enumerable.Range(1, 60).Select(static at => $"s{at} = tcp 127.0.0.1:{8000 + at} listen\n")));
        await Expect(player.GetByRole(AriaRole.Group, new() { Name = "States" })).ToContainTextAsync("LISTEN");
        await open.Page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.Equal("", await open.Page.EvaluateAsync<string>("""
            () => [...document.querySelectorAll('.player .steps, .player .figure, .player .coloured')]
              .filter(part => part.scrollHeight > part.clientHeight + 2 && getComputedStyle(part).overflowY !== 'visible').map(part => part.className).join(' ')
            """));
        Assert.True(await open.Page.EvaluateAsync<bool>("() => document.querySelector('.player .coloured').clientHeight > 60 * 14"));
        await open.Page.EmulateMediaAsync(new() { Media = Media.Null });
        Assert.Empty(open.Errors);
    }

    /// <summary>What a choice writes to the address, a moment later, may come between a link and its event.</summary>
    [SiteFact]
    public async Task ALink_FollowedRightAfterAChoice_IsShown()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "Matrix" }).EvaluateAsync(
            """
            tab => new Promise(followed => {
              tab.click();
              // Both timers are due then, this one first: the player's runs before the event that this one causes.
              setTimeout(() => { location.hash = ''; location.hash = 'eyJ2IjoxfQ'; followed(); }, 0);
              for (const until = performance.now() + 400; performance.now() < until;);
            })
            """);
        await Expect(player.GetByRole(AriaRole.Tab, new() { Name = "Scenario" })).ToHaveAttributeAsync("aria-selected", "true");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task MyError_ALogLine_NamesTheCausesAndTheCommand()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "My error" }).ClickAsync();
        await player.GetByRole(AriaRole.Textbox, new() { Name = "Error text" }).FillAsync("Error: listen EADDRINUSE: address already in use 127.0.0.1:3000");
        var answer = player.GetByRole(AriaRole.Group, new() { Name = "Answer" });
        await Expect(answer).ToContainTextAsync("bindwise why 127.0.0.1:3000");
        await Expect(answer.GetByRole(AriaRole.Link, new() { Name = "time-wait" })).ToHaveAttributeAsync("href", $"{BuiltSite.Origin}/causes/time-wait.html");
        Assert.Empty(open.Errors);
    }

    /// <summary>The text is that of the host where the snapshot was taken; the moment is told in the reader's zone too.</summary>
    [SiteTheory]
    [InlineData("UTC", "UTC")]
    [InlineData("Asia/Shanghai", "GMT+8")]
    public async Task MyError_ASnapshot_IsAnsweredWhole_InTheReadersZone(string zone, string told)
    {
        await using var open = await site.Open("play/index.html", zone: zone);
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "My error" }).ClickAsync();
        var file = Repository.File("tests/Bindwise.Browser.Tests/Snapshots/listener.json");
        await player.GetByLabel("Snapshot").SetInputFilesAsync(file);
        var answer = player.GetByRole(AriaRole.Group, new() { Name = "Answer" });
        await Expect(answer).ToContainTextAsync("is taken (EADDRINUSE)");
        await Expect(answer).ToContainTextAsync(told);
        await Expect(answer.GetByRole(AriaRole.Table)).ToContainTextAsync("LISTEN");
        Assert.Empty(open.Errors);
    }

    /// <summary>A recorded one of each cause, as a file that is opened: byte for byte what <c>why --snapshot</c> prints.</summary>
    [SiteFact]
    public async Task MyError_TheSnapshotOfEachCause_IsAnsweredAsTheCommandLineDoes()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "My error" }).ClickAsync();
        var files = Directory.GetFiles(Repository.File("tests/Bindwise.Browser.Tests/Snapshots"), "*.json");
        Assert.True(files.Length > 30);
        foreach (var file in files)
        {
            var said = await CommandLine.RunAsync("UTC", "", "why", "--snapshot", file);
            await player.GetByLabel("Snapshot").SetInputFilesAsync(file);
            await open.Page.WaitForFunctionAsync("text => document.querySelector('pre.why')?.textContent === text", said.Output);
        }
        Assert.Empty(open.Errors);
    }

    /// <summary>What programs print most often names no port; a file that is no snapshot is no answer, and concerns no other tab.</summary>
    [SiteFact]
    public async Task MyError_WithoutAPlace_IsAnswered_AndAFaultStaysInItsTab()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Tab, new() { Name = "My error" }).ClickAsync();
        var (text, answer) = (player.GetByRole(AriaRole.Textbox, new() { Name = "Error text" }), player.GetByRole(AriaRole.Group, new() { Name = "Answer" }));
        await text.FillAsync((await text.GetAttributeAsync("placeholder"))!);
        await Expect(answer).ToContainTextAsync("The text names no port.");
        await Expect(answer.GetByRole(AriaRole.Link, new() { Name = "time-wait", Exact = true })).ToBeVisibleAsync();
        await text.FillAsync("hello");
        await Expect(answer).ToContainTextAsync("No error of bind() or listen() was found in this text.");
        await text.FillAsync("listen udp :53: bind: address already in use");
        await Expect(answer).ToContainTextAsync("bindwise why 53/udp");
        await text.FillAsync("listen tcp :80: bind: operation not permitted\nlisten tcp :8080: bind: address already in use");
        await Expect(answer.Locator("strong")).ToHaveTextAsync(["EPERM", "EADDRINUSE"]);
        await text.FillAsync("8080");
        await Expect(answer).ToContainTextAsync("bindwise why 8080");
        await Expect(answer.Locator("strong")).ToHaveCountAsync(0);
        await text.FillAsync("bind: 通常每个套接字地址(协议/网络地址/端口)只允许使用一次。 0.0.0.0:5000");
        await Expect(answer).ToContainTextAsync("The error came from Windows, which has ports of its own");
        await Expect(answer.GetByRole(AriaRole.Link)).ToHaveCountAsync(0);

        await player.GetByLabel("Snapshot").SetInputFilesAsync(Repository.File("README.md"));
        await Expect(player.GetByRole(AriaRole.Alert)).ToContainTextAsync("README.md is not a snapshot");
        await Expect(answer).Not.ToContainTextAsync("Nothing was given yet");
        await player.GetByRole(AriaRole.Tab, new() { Name = "Scenario" }).ClickAsync();
        await Expect(player.GetByText("is not a snapshot")).ToHaveCountAsync(0);
        Assert.Empty(open.Errors);
    }

    /// <summary>A scenario that is opened is played by the rules that it was shown with; no command plays it by another system's.</summary>
    [SiteFact]
    public async Task WhatIf_Opened_KeepsItsSystem()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await Expect(player.GetByRole(AriaRole.Textbox, new() { Name = "Command" })).ToBeVisibleAsync();
        await player.GetByRole(AriaRole.Tab, new() { Name = "What if" }).ClickAsync();
        var system = player.GetByRole(AriaRole.Combobox, new() { Name = "System" });
        await system.SelectOptionAsync("macos");
        await player.GetByRole(AriaRole.Checkbox, new() { Name = "SO_REUSEPORT" }).CheckAsync();
        await player.GetByRole(AriaRole.Button, new() { Name = "Open this scenario" }).ClickAsync();
        await Expect(player.GetByRole(AriaRole.Tab, new() { Name = "Scenario" })).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(system).ToHaveValueAsync("macos");
        await Expect(player.GetByRole(AriaRole.Textbox, new() { Name = "Command" })).ToHaveCountAsync(0);
        await player.GetByRole(AriaRole.Tab, new() { Name = "What if" }).ClickAsync();
        await Expect(system).ToHaveValueAsync("macos");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task Link_HoldsTheWholeState()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await player.GetByRole(AriaRole.Combobox, new() { Name = "Kernel" }).SelectOptionAsync("6.1");
        await Write(player, TwoServers);
        await Expect(Verdict(player)).ToContainTextAsync("bind b");
        await player.GetByRole(AriaRole.Button, new() { Name = "Previous step" }).ClickAsync();
        await player.GetByRole(AriaRole.Tab, new() { Name = "What if" }).ClickAsync();
        await player.GetByRole(AriaRole.Checkbox, new() { Name = "SO_REUSEPORT" }).CheckAsync();
        await open.Page.WaitForFunctionAsync("() => location.hash.length > 100 && atob(location.hash.slice(1).replaceAll('-', '+').replaceAll('_', '/')).includes('reusePort')");
        var link = await open.Page.EvaluateAsync<string>("() => location.hash");

        await using var other = await site.Open("play/index.html" + link);
        var same = await other.Player();
        await Expect(same.GetByRole(AriaRole.Checkbox, new() { Name = "SO_REUSEPORT" })).ToBeCheckedAsync();
        await Expect(Verdict(same.GetByRole(AriaRole.Group, new() { Name = "What if" }))).ToContainTextAsync("✓ ok");
        await same.GetByRole(AriaRole.Tab, new() { Name = "Scenario" }).ClickAsync();
        await Expect(same.GetByRole(AriaRole.Textbox, new() { Name = "Scenario" })).ToHaveValueAsync(TwoServers);
        await Expect(same.GetByRole(AriaRole.Combobox, new() { Name = "Kernel" })).ToHaveValueAsync("6.1");
        await Expect(same.GetByRole(AriaRole.Slider, new() { Name = "Step" })).ToHaveValueAsync("3");
        Assert.Empty(other.Errors);
    }

    [SiteTheory]
    [InlineData("#nothing-like-it")]
    [InlineData("#eyJ2IjoyfQ")]
    public async Task Link_ThatCannotBeRead_IsToldAndIgnored(string fragment)
    {
        await using var open = await site.Open("play/index.html" + fragment);
        var player = await open.Player();
        await Expect(player.GetByRole(AriaRole.Alert).First).ToContainTextAsync("could not be read");
        await Expect(Verdict(player)).ToContainTextAsync("EADDRINUSE");
    }

    [SiteFact]
    public async Task Player_InChinese_HasItsWordsAndKeepsTheNamesOfResults()
    {
        await using var open = await site.Open("zh/play/index.html");
        var player = await open.Player("演示");
        var verdict = player.GetByRole(AriaRole.Status, new() { Name = "结论" });
        await Expect(verdict).ToContainTextAsync("EADDRINUSE");
        await Expect(verdict.GetByRole(AriaRole.Link, new() { Name = "BW005" })).ToBeVisibleAsync();
        Assert.Matches(@"\p{IsCJKUnifiedIdeographs}{4}", await verdict.InnerTextAsync());
        await player.GetByRole(AriaRole.Tab, new() { Name = "如果" }).ClickAsync();
        await player.GetByRole(AriaRole.Checkbox, new() { Name = "旧套接字 SO_REUSEADDR" }).CheckAsync();
        await Expect(player.GetByRole(AriaRole.Group, new() { Name = "如果" }).GetByRole(AriaRole.Status, new() { Name = "结论" })).ToContainTextAsync("✓ ok");
        Assert.Empty(open.Errors);
    }

    /// <summary>Both are of what is written, also before the pause after the last key is over.</summary>
    [SiteFact]
    public async Task Player_Saves_TheScenarioAndItsPicture()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        await Write(player, TwoServers);
        var scenario = await open.Page.RunAndWaitForDownloadAsync(() => player.GetByRole(AriaRole.Button, new() { Name = "Save .bind" }).ClickAsync());
        Assert.Equal(TwoServers, await File.ReadAllTextAsync(await scenario.PathAsync()));
        await Write(player, TwoServers + "close a\n");
        var picture = await open.Page.RunAndWaitForDownloadAsync(() => player.GetByRole(AriaRole.Button, new() { Name = "Save SVG" }).ClickAsync());
        var drawn = System.Xml.Linq.XDocument.Parse(await File.ReadAllTextAsync(await picture.PathAsync()));
        Assert.Equal("svg", drawn.Root!.Name.LocalName);
        Assert.Contains("close a", drawn.Root.Value, StringComparison.Ordinal);
        await Expect(player.GetByRole(AriaRole.Textbox, new() { Name = "Command" })).ToHaveValueAsync($"bindwise lab run {scenario.SuggestedFilename}");
        Assert.Empty(open.Errors);
    }

    [SiteFact]
    public async Task EachTab_ShutsNobodyOut()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        foreach (var (tab, shown) in new[] { ("What if", "As written"), ("Matrix", "EADDRINUSE"), ("My error", "Answer") })
        {
            await player.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
            await Expect(player).ToContainTextAsync(shown);
            Assert.Empty(await Axe.ViolationsAsync(open.Page));
        }
    }

    /// <summary>8 MB are refused in a sentence, and the page goes on.</summary>
    [SiteFact]
    public async Task Scenario_Endless_IsRefused_AndThePageLives()
    {
        var open = await site.OpenPlayer();
        var player = await open.Player();
        var box = player.GetByRole(AriaRole.Textbox, new() { Name = "Scenario" });
        await box.EvaluateAsync("box => { box.value = 'a = tcp\\n'.repeat(20000); box.dispatchEvent(new InputEvent('input', { bubbles: true })); }");
        await Expect(player.GetByRole(AriaRole.Alert).First).Not.ToBeEmptyAsync();
        await Write(player, TwoServers);
        await Expect(Verdict(player)).ToContainTextAsync("EADDRINUSE");
    }
}
