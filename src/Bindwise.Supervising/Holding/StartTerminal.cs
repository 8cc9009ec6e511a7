namespace Bindwise.Supervising.Holding;

/// <summary>
/// The terminal that this process was started in. A shell whose terminal goes sends SIGHUP as kill(1) does, so the signal alone does not
/// tell a request to start again from the end of everything.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StartTerminal
{
    private readonly bool _wasThere = ControllingTerminal.IsThere();

    internal bool IsGone => _wasThere && !ControllingTerminal.IsThere();

    /// <summary>This process was started with SIGHUP ignored, as nohup(1) does it.</summary>
    internal bool IsHangUpIgnored { get; } =
        (StatusMasks.Of(ThreadFile.Read(Environment.ProcessId, "status"u8), "\nSigIgn:"u8) & SignalSet.Of(SignalCall.HangUp)) != 0;
}
