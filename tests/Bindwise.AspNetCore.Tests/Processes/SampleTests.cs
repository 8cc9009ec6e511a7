using System.Net;
using System.Text.RegularExpressions;
using Apart;

namespace Bindwise.AspNetCore.Tests.Processes;

/// <summary>The samples as the programs that they are, and what their failed start prints beside Kestrel's own.</summary>
public sealed partial class SampleTests
{
    [ApartFact]
    public Task KestrelFallback_StartedTwice_TakesTheNextPort_AndSaysWhoHasTheFirst() => Body.RunAsync(static async () =>
    {
        await using var first = Started.Sample("KestrelFallback");
        await first.SaysAsync("Now listening on: http://localhost:5000");
        await using var second = Started.Sample("KestrelFallback");
        await second.SaysAsync("Now listening on: http://localhost:5001");
        Assert.Contains($"5000 is taken by dotnet (pid {first.Id}): listening on 5001", second.Text, StringComparison.Ordinal);
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5001"));
        Assert.Equal("Healthy", await Web.GetAsync("http://[::1]:5001/healthz"));
        await first.SignalAsync("-TERM");
        Assert.Equal(0, await first.EndAsync());
        await using var third = Started.Sample("KestrelFallback");
        await third.SaysAsync("Now listening on: http://localhost:5000");
    });

    [ApartFact]
    public Task TestHost_StartsManyAtOnce_EachOnItsOwnPort() => Body.RunAsync(static async () =>
    {
        await using var hosts = Started.Sample("TestHostSample", "8");
        Assert.Equal(0, await hosts.EndAsync());
        await hosts.SaysAsync("answers host", times: 8);
        Assert.Equal(8, hosts.Lines.Select(static line => AnswerLine().Match(line).Groups[1].Value).Distinct().Count());
    });

    [ApartFact]
    public Task FailedStart_OnTheConsole_IsTheDiagnosisTwice_AndHalfOfKestrelsOwnText() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        // The whole of the configuration's fallback is the port that is taken.
        await using var ours = Started.Sample("KestrelFallback", "--Bindwise:Fallback=5000");
        Assert.NotEqual(0, await ours.EndAsync());
        await ours.SaysAsync("Unhandled exception. Bindwise.AspNetCore.StartupBindException: Failed to bind to address http://localhost:5000: address already in use.");
        await ours.SaysAsync("docs/causes/listener.md", times: 2);
        Assert.DoesNotMatch(StackLine(), ours.Text);
        Assert.InRange(ours.Lines.Count, 10, 31);
    });

    [GeneratedRegex(@"^http://localhost:(\d+) answers host \d$")]
    private static partial Regex AnswerLine();

    [GeneratedRegex(@"^\s+at ", RegexOptions.Multiline)]
    private static partial Regex StackLine();
}
