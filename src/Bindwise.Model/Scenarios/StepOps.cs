using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios;

/// <summary>The op of each step, as the JSON form names it.</summary>
public static class StepOps
{
    /// <summary>Those that random scenarios are made of: what a run of them ought to meet.</summary>
    public static ImmutableArray<string> Drawn { get; } =
        ["open", "set", "bind", "listen", "connect", "disconnect", "accept", "send", "receive", "shutdown", "close", "abort", "wait", "sysctl"];

    /// <summary>All but <c>expect</c>, which nobody plays.</summary>
    public static ImmutableArray<string> All { get; } =
        [.. Drawn, "state", "name", "hold", "release", "lose", "repeat", "stream", "signal", "exit", "retry"];

    /// <summary>The op of a step.</summary>
    public static string Of(Step step) => step switch
    {
        OpenStep => "open",
        SetStep => "set",
        BindStep => "bind",
        ListenStep => "listen",
        ConnectStep => "connect",
        DisconnectStep => "disconnect",
        AcceptStep => "accept",
        SendStep => "send",
        ReceiveStep => "receive",
        ShutdownStep => "shutdown",
        CloseStep => "close",
        AbortStep => "abort",
        WaitStep => "wait",
        SysctlStep => "sysctl",
        StateStep => "state",
        NameStep => "name",
        HoldStep => "hold",
        ReleaseStep => "release",
        LoseStep => "lose",
        RepeatStep => "repeat",
        StreamStep => "stream",
        SignalStep => "signal",
        ExitStep => "exit",
        RetryStep => "retry",
        _ => "expect",
    };
}
