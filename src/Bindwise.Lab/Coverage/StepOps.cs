using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Coverage;

/// <summary>The op of each step, as the JSON form names it.</summary>
internal static class StepOps
{
    /// <summary>All that a host plays.</summary>
    internal static readonly string[] All =
        ["open", "set", "bind", "listen", "connect", "disconnect", "accept", "send", "receive", "shutdown", "close", "abort", "wait", "sysctl"];

    /// <summary>The op of a step.</summary>
    internal static string Of(Step step) => step switch
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
