using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bindwise.Dashboard.Page.Tests;

/// <summary>By keyboard alone: to why, to free, through a scenario, and through ten thousand ports.</summary>
[Collection(PageTests.Name)]
public sealed class KeyboardTests(ServedHost host)
{
    [PageFact]
    public async Task Target_ThenEnter_ShowsWhy()
    {
        await using var open = await host.OpenAsync("matrix");
        await open.Target.FocusAsync();
        await open.Page.Keyboard.TypeAsync("8080");
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(open.Page.GetByRole(AriaRole.Status, new() { Name = "Verdict" })).ToContainTextAsync("8080/tcp is taken (EADDRINUSE)");
        await Expect(open.Page.GetByRole(AriaRole.Table, new() { Name = "Sockets in the way" })).ToContainTextAsync("hold.py");
        await Expect(open.Page.GetByRole(AriaRole.List, new() { Name = "What to do" })).ToBeVisibleAsync();
        await open.AddressEndsAsync("/why?target=8080");
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Row_ThenEnter_ShowsWhy()
    {
        await using var open = await host.OpenAsync("");
        var row = open.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "8080" });
        await row.FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Why 127.0.0.1:8080");
        await Expect(open.Page.GetByRole(AriaRole.Status, new() { Name = "Verdict" })).ToContainTextAsync("8080/tcp is taken");
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Free_ByKeyboard_SaysWhatItDoesAndDoesIt()
    {
        var holder = await host.HoldAsync(8099);
        await using var open = await host.OpenAsync("why?target=8099");
        var button = open.Page.GetByRole(AriaRole.Button, new() { Name = "Free 8099" });
        await button.FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        var dialog = open.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await Expect(dialog).ToContainTextAsync("hold.py");
        await Expect(dialog).ToContainTextAsync("SIGTERM");
        Assert.Empty(await open.ViolationsAsync());
        await open.KeepAsync("free-dialog");

        await open.Page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(button).ToBeFocusedAsync();
        Assert.False(holder.HasExited);

        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(dialog).ToContainTextAsync("SIGTERM");
        await open.Page.Keyboard.PressAsync("Tab");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Free", Exact = true })).ToBeFocusedAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(dialog).ToContainTextAsync("It is free now.");
        await holder.WaitForExitAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        await Expect(open.Page.GetByRole(AriaRole.Status, new() { Name = "Verdict" })).ToContainTextAsync("8099/tcp is free");
        // The button has gone with the answer.
        await Expect(open.Page.Locator("#view")).ToBeFocusedAsync();
        Assert.Empty(open.Errors);
    }

    /// <summary>Another program has the port by the time the reader agrees: nothing is done, and the new plan is shown.</summary>
    [PageFact]
    public async Task Free_OfAPlanThatChanged_ShowsTheNewPlan()
    {
        var first = await host.HoldAsync(8098);
        await using var open = await host.OpenAsync("why?target=8098");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Free 8098" }).ClickAsync();
        var dialog = open.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("SIGTERM");
        await ServedHost.EndAsync(first);
        var second = await host.HoldAsync(8098);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Free", Exact = true }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("Nothing was done; this is the new plan.");
        Assert.False(second.HasExited);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await ServedHost.EndAsync(second);
        // The browser itself notes the 412.
        Assert.All(open.Errors, static error => Assert.Contains("412", error, StringComparison.Ordinal));
    }

    [PageFact]
    public async Task Lab_StepByStep_ShowsSegmentsStatesAndSockets()
    {
        await using var open = await host.OpenAsync("lab");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "server-broken", Exact = true }).ClickAsync();
        var current = open.Page.Locator("[aria-current=step]");
        await Expect(current).ToHaveCountAsync(1);
        var next = open.Page.GetByRole(AriaRole.Button, new() { Name = "Next step" });
        var seen = new HashSet<string>(StringComparer.Ordinal) { await current.InnerTextAsync() };
        for (var step = 2; step <= 7; step++)
        {
            await next.FocusAsync();
            await open.Page.Keyboard.PressAsync("Enter");
            await open.AddressEndsAsync($"?scenario=server-broken&step={step}");
            seen.Add(await current.InnerTextAsync());
        }
        Assert.True(seen.Count > 4);
        await Expect(open.Page.GetByRole(AriaRole.Region, new() { Name = "Segments" })).ToContainTextAsync("SYN");
        await Expect(open.Page.GetByRole(AriaRole.Region, new() { Name = "States" })).ToContainTextAsync("LISTEN");
        await Expect(open.Page.GetByRole(AriaRole.Region, new() { Name = "Sockets" })).ToContainTextAsync("LISTEN");
        var before = await current.InnerTextAsync();
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Previous step" }).ClickAsync();
        await Expect(current).Not.ToHaveTextAsync(before);
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Scenario_StepsByArrowKeys_WhereverTheFocusIs()
    {
        await using var open = await host.OpenAsync("lab?scenario=server-broken");
        await Expect(open.Page.Locator(".lab .steps [aria-current=step]")).ToBeVisibleAsync();
        await open.Page.Keyboard.PressAsync("ArrowRight");
        await open.AddressEndsAsync("?scenario=server-broken&step=2");
        // The last step takes the focus from the button.
        var next = open.Page.GetByRole(AriaRole.Button, new() { Name = "Next step" });
        await next.FocusAsync();
        while (await next.IsEnabledAsync())
            await open.Page.Keyboard.PressAsync("Enter");
        var last = new Uri(open.Page.Url).Query;
        await open.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(next).ToBeEnabledAsync();
        await open.Page.Keyboard.PressAsync("ArrowRight");
        await open.AddressEndsAsync(last);
        Assert.Empty(open.Errors);
    }

    [PageFact]
    public async Task Matrix_KeepsWhatWasChosen_AndShowsWhatThereIsForAWrongAddress()
    {
        await using var open = await host.OpenAsync("matrix");
        var system = open.Page.GetByRole(AriaRole.Combobox, new() { Name = "System" });
        await system.SelectOptionAsync("windows");
        await open.AddressEndsAsync("/matrix?system=windows");
        await open.Page.ReloadAsync();
        await Expect(system).ToHaveValueAsync("windows");

        await using var wrong = await host.OpenAsync("matrix?system=nowhere");
        await Expect(wrong.Page.GetByRole(AriaRole.Combobox, new() { Name = "System" })).ToBeVisibleAsync();
        await Expect(wrong.Page.GetByText("nowhere")).ToBeVisibleAsync();
    }

    /// <summary>The first choice is a listening socket, which UDP does not have.</summary>
    [PageFact]
    public async Task Matrix_OfUdp_TakesAStateThatUdpHas_AndShowsNoCellsOfAnotherQuestion()
    {
        await using var open = await host.OpenAsync("matrix");
        var matrix = open.Page.GetByRole(AriaRole.Table, new() { Name = "Matrix" });
        var state = open.Page.GetByRole(AriaRole.Combobox, new() { Name = "The first socket is" });
        await open.Page.GetByRole(AriaRole.Checkbox, new() { Name = "The second socket listens too" }).CheckAsync();
        await open.Page.GetByRole(AriaRole.Checkbox, new() { Name = "UDP" }).CheckAsync();
        await open.AddressEndsAsync("/matrix?state=bound&udp=true");
        await Expect(state).ToHaveValueAsync("bound");
        await Expect(matrix).ToBeVisibleAsync();
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);

        await state.SelectOptionAsync("time-wait");
        await Expect(open.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("UDP has no listen and no TIME_WAIT");
        await Expect(matrix).ToHaveCountAsync(0);
    }

    /// <summary>Its name stands in the sentences; the table has its number and its command line, from which another name could be read.</summary>
    [PageFact]
    public async Task Owner_WhoseCommandLineHasAnotherName_HasOneName()
    {
        var holder = host.Begin("bash", "-c", "exec -a '/opt/My App/My Server' python3 \"$0\" 8098 1", Path.Combine(AppContext.BaseDirectory, "hold.py"));
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync());
        await using var open = await host.OpenAsync("why?target=8098");
        var owner = open.Page.GetByRole(AriaRole.Table, new() { Name = "Sockets in the way" }).Locator(".owner");
        var id = (await owner.Locator("span").First.InnerTextAsync()).Split(' ');
        Assert.Equal("pid", id[0]);
        await Expect(open.Page.GetByRole(AriaRole.Status, new() { Name = "Verdict" })).ToContainTextAsync($"hold.py (python3, pid {id[1]})");
        await Expect(owner.Locator("code")).ToContainTextAsync("'/opt/My App/My Server' ");
        Assert.Empty(open.Errors);
        await open.KeepAsync("owner");
        await ServedHost.EndAsync(holder);
    }

    [PageFact]
    public async Task TenThousandPorts_AreReachedByKeyboard()
    {
        var holder = await host.HoldAsync(20_000, 10_000);
        await using var open = await host.OpenAsync("");
        var grid = open.Page.GetByRole(AriaRole.Grid, new() { Name = "Ports" });
        await Expect(open.Page.GetByText("10,0")).ToBeVisibleAsync();
        var rows = int.Parse((await grid.GetAttributeAsync("aria-rowcount"))!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(rows, 10_001, 10_100);
        Assert.InRange(await grid.GetByRole(AriaRole.Row).CountAsync(), 10, 120);
        await open.KeepAsync("ten-thousand");
        await grid.GetByRole(AriaRole.Row).Nth(1).FocusAsync();
        await open.Page.Keyboard.PressAsync("End");
        var last = grid.Locator("[tabindex='0']");
        await Expect(last).ToBeFocusedAsync();
        await Expect(last).ToHaveAttributeAsync("aria-rowindex", rows.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Expect(last).ToBeInViewportAsync();
        await open.Page.Keyboard.PressAsync("PageUp");
        await Expect(last).ToHaveAttributeAsync("aria-rowindex", (rows - 20).ToString(System.Globalization.CultureInfo.InvariantCulture));
        await open.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter" }).FillAsync("25000-25009");
        await Expect(grid).ToHaveAttributeAsync("aria-rowcount", "11");
        Assert.Empty(await open.ViolationsAsync());
        Assert.Empty(open.Errors);
        await ServedHost.EndAsync(holder);
    }

    [PageFact]
    public async Task Columns_SortTheListByKeyboard_AndTheAddressKeepsIt()
    {
        var holder = await host.HoldAsync(30_001, 30);
        await using var open = await host.OpenAsync("?filter=30001-30030");
        var grid = open.Page.GetByRole(AriaRole.Grid, new() { Name = "Ports" });
        await Expect(grid).ToHaveAttributeAsync("aria-rowcount", "31");
        var head = grid.GetByRole(AriaRole.Columnheader, new() { Name = "Port", Exact = true });
        var first = grid.Locator(".rows [role=row][aria-rowindex='2']");
        await head.GetByRole(AriaRole.Button).FocusAsync();
        await Expect(head).ToHaveAttributeAsync("aria-sort", "none");
        foreach (var (direction, port) in new[] { ("ascending", "30001"), ("descending", "30030"), ("none", "30001") })
        {
            await open.Page.Keyboard.PressAsync("Enter");
            await Expect(head).ToHaveAttributeAsync("aria-sort", direction);
            await Expect(first).ToContainTextAsync(port);
            await Expect(head.GetByRole(AriaRole.Button)).ToBeFocusedAsync();
        }
        await open.Page.Keyboard.PressAsync("Space");
        await open.Page.Keyboard.PressAsync("Space");
        await open.AddressEndsAsync("?filter=30001-30030&sort=-port");
        await open.Page.ReloadAsync();
        await Expect(head).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(first).ToContainTextAsync("30030");
        Assert.Empty(await open.ViolationsAsync());

        // On a phone the head is not shown: a choice sorts, and the head appears for the keyboard.
        await open.Page.SetViewportSizeAsync(360, 900);
        await open.Page.GetByLabel("Sort by").SelectOptionAsync("port");
        await Expect(first).ToContainTextAsync("30001");
        await head.GetByRole(AriaRole.Button).FocusAsync();
        await Expect(head).ToBeInViewportAsync();
        Assert.Empty(await open.ViolationsAsync());
        Assert.Empty(open.Errors);
        await ServedHost.EndAsync(holder);
    }
}
