using System.Collections.Immutable;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Rendering.Tests.Claims;

/// <summary>Proofs to render: made by hand, not played.</summary>
internal static class Proofs
{
    private const string Text = """
        claim reuse-time-wait
        says "SO_REUSEADDR before bind lets a server bind over TIME_WAIT"
        source 000 002
        about reuse
        see BW005 time-wait
        verdict on linux 6.8..: conditional in both
        verdict on macos: true
        note "The kernel compares the options of both sockets."

        case both "both sockets had set it"
        new = tcp reuseaddr 127.0.0.1:8080 -> ok claimed ok   # over the old one

        case new-only "only the new one had set it"
        new = tcp reuseaddr 127.0.0.1:8080 -> EADDRINUSE BW005 by TIME_WAIT claimed ok
        """;

    public static Claim Claim { get; } = ClaimText.Parse(Text).Claim!;

    /// <summary>As it is on Linux 6.18.</summary>
    public static ClaimProof Conditional { get; } = new(Claim, [Case(0, "ok", "ok"), Case(1, "EADDRINUSE", "EADDRINUSE")], new ProofSystem("linux", "6.18.44", "Linux 6.18.44"));

    /// <summary>Another than is recorded, and the model differs.</summary>
    public static ClaimProof Wrong { get; } = Conditional with { Cases = [Case(0, "ok", "ok"), Case(1, "EADDRINUSE", "ok")] };

    /// <summary>Of a system of which only documents speak, one of them silent.</summary>
    public static ClaimProof Documented { get; } =
        Conditional with { Cases = [Case(0, "ok", null), Case(1, "unknown", null)], Where = new ProofSystem("macos", "", "macOS", IsRun: false) };

    /// <summary>One case in virtual time, one not played to its end.</summary>
    public static ClaimProof Broken { get; } = Conditional with
    {
        Cases =
        [
            Case(0, "ok", null) with { IsVirtual = true, Model = null },
            new CaseProof(Claim.Cases[1], new ScenarioResult(Claim.Cases[1].Scenario, []) { Error = "step 0: no\u001b[31m room" }),
        ],
    };

    private static CaseProof Case(int index, string model, string? kernel)
    {
        var part = Claim.Cases[index];
        var bind = part.Scenario.Steps.Length - 2;
        ImmutableArray<StepOutcome> steps = [.. part.Scenario.Steps.Select((step, at) => new StepOutcome(
            step,
            Result(step, at == bind ? model : "ok", isModel: true),
            kernel is null ? null : Result(step, at == bind ? kernel : "ok", isModel: false)))];
        return new CaseProof(part, new ScenarioResult(part.Scenario, steps)) { Model = Around(null), Kernel = kernel is null ? null : Around(59.94) };
    }

    private static StepResult Result(Step step, string given, bool isModel) => step is ExpectStep expect
        ? expect.Result == given || given == "ok" ? new StepResult("ok") : new StepResult(StepOutcome.NotMet) { Because = $"expected {expect.Result}, was {given}" }
        : isModel && given == "EADDRINUSE" ? new StepResult(given) { Rule = "BW005", Blockers = ["old by TIME_WAIT"], Because = "It holds the port." }
        : new StepResult(given);

    private static SocketsAround Around(double? left)
    {
        var old = new SocketRow(Protocol.Tcp, new IpEndpoint(IpAddress.LoopbackIPv4, 8080), new IpEndpoint(IpAddress.LoopbackIPv4, 40_000), TcpSocketState.TimeWait) { Socket = "old", SecondsLeft = left };
        return new SocketsAround([], [old, new SocketRow(Protocol.Tcp, new IpEndpoint(IpAddress.LoopbackIPv4, 8080), null, TcpSocketState.Close) { Socket = "new", Process = "shop" }]);
    }
}
