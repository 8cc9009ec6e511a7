using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using IsolatedProcess;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>A start that fails: Kestrel's own exceptions outside, the diagnosis inside, and a text that people can read.</summary>
[Trait("Lane", "second")]
public sealed partial class FailureTests
{
    [IsolatedFact]
    public Task Failure_IsWhatKestrelsUsersCatch_WithTheDiagnosis() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = Web.Make("http://127.0.0.1:4999;http://127.0.0.1:5000");
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => web.App.StartAsync());
        var inUse = Assert.IsType<AddressInUseException>(failure.InnerException);
        var bind = Assert.IsType<BindException>(inUse.InnerException);
        // Kestrel's words first: whoever looks for them finds them.
        Assert.Equal($"Failed to bind to address http://127.0.0.1:5000: address already in use. {bind.Message}", failure.Message);
        Assert.Equal(SocketError.AddressAlreadyInUse, bind.SocketErrorCode);
        Assert.Equal("listener", bind.Diagnosis!.Cause.Id());
        Assert.NotEmpty(failure.StackTrace!);
        // All or none.
        using var free = Web.Occupy(IPAddress.Loopback, 4999);
    });

    [IsolatedFact]
    public Task Failure_AsText_IsOneLine_WhereALogHasTheDiagnosis() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = Web.Make("http://127.0.0.1:5000", builder: static builder => builder.Logging.AddFilter("Bindwise", LogLevel.Debug));
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.Equal($"Bindwise.AspNetCore.StartupBindException: {failure.Message}", failure.ToString());
        Assert.Matches($@"\(dotnet, pid {Environment.ProcessId}\b", failure.ToString());
        Assert.StartsWith($"Error Bindwise: {failure.Message} Next: ", Assert.Single(web.Log.All, static line => line.StartsWith("Error Bindwise", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Single(web.Log.All, line => line == $"Debug Bindwise: The whole diagnosis:\n{failure.Diagnosis!.ToText(width: null)}");
    });

    [IsolatedFact]
    public Task Failure_AsText_HasTheAdviceToo_WhereNoLogHasIt() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = Web.Make("http://127.0.0.1:5000", builder: static builder => builder.Logging.AddFilter("Bindwise", LogLevel.Critical));
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.StartsWith($"Bindwise.AspNetCore.StartupBindException: Failed to bind to address http://127.0.0.1:5000: address already in use. {failure.Bind.Message} Next: ", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.ToString());
        Assert.DoesNotMatch(StackLine(), failure.ToString());
    });

    [IsolatedFact("python3")]
    public Task Failure_InTheLog_WordForWord() => Body.RunAsync(static async () =>
    {
        await using var holder = Started.Run("python3", ["-c", "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 5000)); s.listen(); print('here', flush=True); time.sleep(1000)"]);
        await holder.SaysAsync("here");
        await using var web = Web.Make("http://localhost:5000");
        await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.Equal(
            $"""
            Error Bindwise: Failed to bind to address http://localhost:5000: address already in use. 127.0.0.1:5000/tcp is taken (EADDRINUSE): python3 (pid {holder.Id}) listens on 127.0.0.1:5000. Next: Stop python3 (pid {holder.Id}): kill {holder.Id}
            """,
            web.Log.All.Single(static line => line.StartsWith("Error Bindwise", StringComparison.Ordinal)));
        var fields = web.Log.Fields.Single(static one => one.ContainsKey("Failure"));
        Assert.Equal(
            ["Address=127.0.0.1", $"Advice=Stop python3 (pid {holder.Id}): kill {holder.Id}", "Cause=listener", "Error=EADDRINUSE", $"HolderName=python3", $"HolderProcessId={holder.Id}", "Port=5000", "{OriginalFormat}={Failure} {Reason} Next: {Advice}"],
            fields.Where(static one => one.Key is not ("Failure" or "Reason")).Select(static one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal));
    });

    [IsolatedFact]
    public Task Failure_WithoutExplanation_SaysTheErrorAlone() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = Web.Make("http://127.0.0.1:5000", static options => options.ExplainFailures = false);
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.Null(failure.Diagnosis);
        Assert.Equal($"Bindwise.AspNetCore.StartupBindException: {failure.Message}", failure.ToString());
        // The event for whoever watches the log is there all the same.
        Assert.Single(web.Log.All, static line => line.StartsWith("Error Bindwise", StringComparison.Ordinal));
    });

    [IsolatedFact]
    public Task Failure_OfCodesLocalhost_NamesItAndLeavesNothingOpen() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.IPv6Loopback, 5001);
        await using var web = Web.Make(kestrel: static kestrel =>
        {
            kestrel.ListenAnyIP(5000);
            kestrel.ListenLocalhost(5001);
        });
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.StartsWith("Failed to bind to address http://localhost:5001", failure.Message, StringComparison.Ordinal);
        using var first = Web.Occupy(IPAddress.Loopback, 5001);
        using var second = Web.Occupy(IPAddress.Any, 5000);
    });

    [IsolatedFact]
    public Task Failure_ForAnotherReason_HasThatError() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make("http://192.0.2.1:5000");
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        Assert.Equal(SocketError.AddressNotAvailable, failure.Bind.SocketErrorCode);
        Assert.IsType<BindException>(failure.InnerException);
        Assert.Equal("address-not-local", failure.Diagnosis!.Cause.Id());
    });

    [IsolatedFact]
    public Task TwoEndpoints_OfOneAddress_AreToldApart() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make("http://127.0.0.1:5000;http://127.0.0.1:5000");
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => web.App.StartAsync());
        Assert.Equal("Failed to bind to address http://127.0.0.1:5000: two endpoints of this application ask for it; leave one out.", failure.Message);
        Assert.Equal("Bindwise.Extensions.Hosting.StartRefusedException: " + failure.Message, failure.ToString());
        await using var covering = Web.Make("http://0.0.0.0:5000;http://[::]:5000");
        var overlap = await Assert.ThrowsAnyAsync<IOException>(() => covering.App.StartAsync());
        Assert.StartsWith("http://0.0.0.0:5000 and http://[::]:5000 both ask for port 5000 of ", overlap.Message, StringComparison.Ordinal);
        Assert.EndsWith(": leave one out.", overlap.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", overlap.ToString(), StringComparison.Ordinal);
        using var free = Web.Occupy(IPAddress.Any, 5000);
    });

    [IsolatedFact]
    public Task Start_BehindAFailedOne_IsRefused() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make("http://127.0.0.1:5000");
        using (Web.Occupy(IPAddress.Loopback, 5000))
            await Assert.ThrowsAsync<StartupBindException>(() => web.App.StartAsync());
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => web.App.StartAsync());
        Assert.Equal("The server can start only once: build a new application.", refused.Message);
        using var free = Web.Occupy(IPAddress.Loopback, 5000);
    });

    [Fact]
    public void LocalhostZero_InCode_IsRefusedAndSaysHow()
    {
        var refused = Assert.Throws<InvalidOperationException>(static () => Web.Make(kestrel: static kestrel => kestrel.ListenLocalhost(0)));
        Assert.StartsWith("Kestrel refuses ListenLocalhost(0): write UseUrls(\"http://localhost:0\"), ", refused.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(refused.InnerException);
        var other = Assert.Throws<InvalidOperationException>(static () => Web.Make(kestrel: static _ => throw new InvalidOperationException("of the application's own")));
        Assert.Equal("of the application's own", other.Message);
    }

    [IsolatedFact]
    public Task Start_Cancelled_LeavesNothingOpen() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5001);
        await using var web = Web.Make("http://127.0.0.1:5000;http://127.0.0.1:5001", static options => options.Retry = BindRetryOptions.For(TimeSpan.FromMinutes(5), BindRetryReasons.All));
        using var cancellation = new CancellationTokenSource(500);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => web.App.StartAsync(cancellation.Token));
        using var free = Web.Occupy(IPAddress.Loopback, 5000);
    });

    [IsolatedFact]
    public Task Retry_WaitsForAnotherListener_WhenAskedTo() => Body.RunAsync(static async () =>
    {
        var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var web = Web.Make("http://localhost:5000", static options => options.Retry = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners));
        var start = web.App.StartAsync();
        await Eventually.SucceedsAsync(() =>
        {
            Assert.Matches(@"^Information Bindwise: Waiting up to \d+ s: 127\.0\.0\.1:5000/tcp is taken \(EADDRINUSE\): ", Assert.Single(web.Log.All, static line => line.Contains("Waiting", StringComparison.Ordinal)));
            return Task.CompletedTask;
        });
        Assert.False(start.IsCompleted);
        taken.Dispose();
        await start;
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
    });

    [GeneratedRegex(@"^\s+at ", RegexOptions.Multiline)]
    private static partial Regex StackLine();
}
