using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios;

/// <summary>The op of each step, as the JSON form names it.</summary>
public static class StepOps
{
    /// <summary>All that a host plays.</summary>
    public static ImmutableArray<string> All { get; } =
        ["open", "set", "bind", "listen", "connect", "disconnect", "accept", "send", "receive", "shutdown", "close", "abort", "wait", "sysctl"];

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
        _ => "expect",
    };
}
