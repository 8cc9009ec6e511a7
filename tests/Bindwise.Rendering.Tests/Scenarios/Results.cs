using System.Collections.Immutable;
using Bindwise.Model.Scenarios;

namespace Bindwise.Rendering.Tests.Scenarios;

/// <summary>What scenarios gave, by name: one of each kind that is shown differently.</summary>
internal static class Results
{
    private static readonly IpAddress Wildcard = IpAddress.AnyIPv6;

    private static StepResult Refusal { get; } = new("EADDRINUSE")
    {
        Rule = "BW005",
        Blockers = ["old by TIME_WAIT", "other"],
        Because = "Any socket on the port keeps it, TIME_WAIT and connections included, unless both the old and the new socket set SO_REUSEADDR.",
    };

    public static ImmutableDictionary<string, ScenarioResult> All { get; } = new Dictionary<string, ScenarioResult>
    {
        ["agreed"] = Of(
            "A restart over TIME_WAIT works only if the old server had set SO_REUSEADDR too",
            Both(new OpenStep("new", Protocol.Tcp, IpFamily.IPv6) { User = 1000, Device = "v0" }, "ok"),
            Both(new SetStep("new", SocketOption.ReuseAddress, OptionValue.Flag(true)), "ok"),
            new StepOutcome(new BindStep("new", Wildcard, 8080), Refusal, new StepResult("EADDRINUSE")),
            Both(new ExpectStep("EADDRINUSE") { Rule = "BW005", By = "TIME_WAIT" }, "ok"),
            Both(new WaitStep(66), "ok"),
            Both(new ConnectStep("a-client-with-a-rather-long-name", default, 0) { To = "new" }, "ECONNREFUSED"),
            Both(new AcceptStep("new", "conn"), "EINVAL")),
        ["mismatch"] = Of(
            "mismatch",
            new StepOutcome(new BindStep("new", Wildcard, 8080), Refusal, new StepResult("ok")),
            new StepOutcome(new ExpectStep("ok"), new StepResult("EXPECT") { Because = "expected ok, was EADDRINUSE" }, new StepResult("ok"))),
        ["model"] = Of(
            "model",
            new StepOutcome(new OpenStep("new", Protocol.Udp, IpFamily.IPv4), new StepResult("ok"), null),
            new StepOutcome(new BindStep("new", Wildcard, 8080), Refusal, null),
            new StepOutcome(new ExpectStep("ok"), new StepResult("EXPECT") { Because = "expected ok, was EADDRINUSE" }, null)),
        ["kernel"] = Of("", new StepOutcome(new SendStep("a", 100) { To = new IpEndpoint(IpAddress.LoopbackIPv4, 53) }, null, new StepResult("EDESTADDRREQ"))),
        ["hostile"] = Of(
            "\u001b[2Jname\u202e\nnext line",
            Both(new CloseStep("\u001b[31msocket\n"), "ENOSOCK"),
            new StepOutcome(
                new SetStep("a", SocketOption.BindToDevice, new OptionValue(0, "\u001b]0;x\u0007")),
                new StepResult("ENODEV") { Rule = "BW036", Blockers = ["\u001bblocker by TIME_WAIT"], Because = "line\nline\u2028line" },
                null)),
        ["laboratory"] = Of(
            "laboratory",
            Both(new OpenStep("server", Protocol.Tcp, IpFamily.IPv6) { Process = "shop" }, "ok"),
            Both(new NameStep("server"), "[2001:db8::1]:8080"),
            Both(new SignalStep("shop", ProcessSignal.Interrupt), "ok"),
            Both(new StateStep("server"), "CLOSED"),
            Both(new StateStep("nobody"), "ENOSOCK"),
            new StepOutcome(
                new RetryStep(new BindStep("new", IpAddress.LoopbackIPv4, 8080), 0.5m, 70),
                new StepResult("ok") { Rule = "BW001", Because = "attempt 126 succeeded, 62.5 s after the first" },
                new StepResult("ok") { Because = "attempt 125 succeeded, 62 s after the first" }),
            new StepOutcome(
                new RetryStep(new BindStep("new", IpAddress.LoopbackIPv4, 8080), 0.5m, 1),
                Refusal with { Because = "3 attempts in 1 s, and all failed: " + Refusal.Because },
                new StepResult("EADDRINUSE") { Because = "3 attempts in 1 s, and all failed" })),
        ["error"] = Of("error", Both(new ListenStep("a"), "ok")) with { Error = "step 1: no further network namespace can be made" },
    }.ToImmutableDictionary();

    private static ScenarioResult Of(string name, params StepOutcome[] outcomes) =>
        new(new Scenario(name, [.. outcomes.Select(outcome => outcome.Step)]), [.. outcomes]);

    private static StepOutcome Both(Step step, string result) => new(step, new StepResult(result), new StepResult(result));
}
