namespace Bindwise.Model.Scenarios;

/// <summary>What a scenario may hold: more is refused when it is read, alike for both hosts.</summary>
public static class ScenarioLimits
{
    /// <summary>The most bytes that all sends of a scenario may amount to: less than the smallest window, so that no send waits for its reader.</summary>
    public const int BytesInAll = 32_768;

    /// <summary>The longest wait of one step, in seconds.</summary>
    public const int WaitSeconds = 86_400;

    /// <summary>The most sockets that may be open at once.</summary>
    public const int OpenSockets = 4_096;

    /// <summary>The most processes that may run at once.</summary>
    public const int Processes = 16;

    /// <summary>The most attempts that one retry makes.</summary>
    public const int Attempts = 10_000;

    /// <summary>The most bytes that one stream carries: 1 GiB.</summary>
    public const long StreamBytes = 1_073_741_824;

    /// <summary>The longest name of a socket, and of a scenario, in characters.</summary>
    public const int NameLength = 200;
}
