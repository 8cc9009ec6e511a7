namespace Bindwise.Fuzz.Generating;

/// <summary>What random scenarios are about, as far as time goes: those of one profile are played in one batch.</summary>
internal enum ScenarioProfile
{
    /// <summary>Everything that takes no time, or little: few scenarios wait, and none longer than 2.4 s.</summary>
    Quick,

    /// <summary>TIME_WAIT ends: every scenario waits 66 s once, in its middle. Nothing binds between second 60 and 66.</summary>
    TimeWait,

    /// <summary>FIN_WAIT2 ends: every scenario lowers net.ipv4.tcp_fin_timeout to 2 s and waits 6 s once, in its middle.</summary>
    FinWait2,
}

/// <summary>How profiles are called on a command line.</summary>
internal static class ScenarioProfiles
{
    /// <summary>The words.</summary>
    public static (string Word, ScenarioProfile Profile)[] Words { get; } =
        [("quick", ScenarioProfile.Quick), ("fin-wait2", ScenarioProfile.FinWait2), ("time-wait", ScenarioProfile.TimeWait)];
}
