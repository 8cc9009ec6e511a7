using IsolatedProcess;

namespace Bindwise.Tools.Tests;

/// <summary>The examples of docs/tools.md, run; that of freeing is in <see cref="Freeing.FreeExampleTests"/>.</summary>
public sealed class PageExampleTests
{
    [IsolatedFact]
    public Task Examples_OfTools_Run() => Body.RunAsync(static () =>
    {
        var lines = new List<string>();
        var logger = lines.Add;
        using var picked = PortPicker.Pick(new PortPickRequest { Count = 2, Range = new PortRange(8000, 8999) });
        logger($"http on {picked.Ports[0].Number}, metrics on {picked.Ports[1].Number}");
        Assert.Matches("^http on 8[0-9]{3}, metrics on 8[0-9]{3}$", Assert.Single(lines));
        return Task.CompletedTask;
    });
}
