using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>LISTEN_PID of another process: a wrapper that did not exec, or variables that were inherited by mistake.</summary>
[Trait("Lane", "second")]
public sealed class WrapperTests
{
    private const string Variables = "LISTEN_FDS=1 LISTEN_PID=$$";

    [IsolatedFact]
    public Task Take_BehindAWrapper_DoesAsAsked() => Body.RunAsync(static async () =>
    {
        Assert.Equal(
            "A socket was passed (LISTEN_FDS) to process WRAPPER (python3), a wrapper that started this process (SELF): let the wrapper exec this program, or take them anyway (ListenPidMismatch.Take).",
            await PassingParent.WrapAsync("tcp=127.0.0.1:8080", Variables, TakingBodies.Refusing));
        Assert.Equal("unknown|3|stream|127.0.0.1:8080|True", await PassingParent.WrapAsync("tcp=127.0.0.1:8080", Variables, TakingBodies.Taking));
        Assert.Equal("", await PassingParent.WrapAsync("tcp=127.0.0.1:8080", Variables, TakingBodies.Ignoring));
    });

    [IsolatedFact]
    public Task Take_WhereThePidIsAStrangersOrNobodys_SaysSo() => Body.RunAsync(static async () =>
    {
        Assert.Contains("is gone, not to this process (SELF)", await PassingParent.ExecAsync("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=31999", TakingBodies.Refusing), StringComparison.Ordinal);
        Assert.Contains("without LISTEN_PID", await PassingParent.ExecAsync("tcp=127.0.0.1:8080", "LISTEN_FDS=1", TakingBodies.Refusing), StringComparison.Ordinal);
        using var stranger = System.Diagnostics.Process.Start("sleep", "1000");
        Assert.Contains(
            $"to process {stranger.Id} (sleep), which did not start this process (SELF)",
            await PassingParent.ExecAsync("tcp=127.0.0.1:8080", $"LISTEN_FDS=1 LISTEN_PID={stranger.Id}", TakingBodies.Refusing),
            StringComparison.Ordinal);
        stranger.Kill();
    });

    // LISTEN_FDS inherited without the sockets: what has those numbers now is the runtime's own.
    [IsolatedFact]
    public Task Take_WhereNothingWasPassed_LeavesTheRuntimesOwnDescriptorsAlone() => Body.RunAsync(static async () =>
    {
        var told = await PassingParent.ExecAsync("none", "LISTEN_FDS=30 LISTEN_PID=1", TakingBodies.Taking);
        Assert.Matches("descriptor \\d+, which (is not a socket|was not passed|is not open)", told);
    });

    [IsolatedFact]
    public Task Take_BehindAWrapper_OfWhatDoesNotListen_IsRefused() => Body.RunAsync(static async () => Assert.Contains(
        "descriptor 3, which does not listen, and was passed to another process",
        await PassingParent.WrapAsync("udp=127.0.0.1:8080", Variables, TakingBodies.Taking),
        StringComparison.Ordinal));
}
