namespace Bindwise.Model.Scenarios.Recording;

/// <summary>A line of a host's socket table, as it stood between two steps.</summary>
internal sealed record SocketRow(Protocol Protocol, IpEndpoint Local, IpEndpoint? Remote, TcpSocketState State)
{
    /// <summary>Its name in the scenario; null for what no name stands for.</summary>
    public string? Socket { get; init; }

    /// <summary>The process that holds it, by its name in the scenario; null for none, or for the player itself.</summary>
    public string? Process { get; init; }

    /// <summary>How long its timer still runs, in seconds: that of a TIME_WAIT or FIN_WAIT2; null where it has none.</summary>
    public double? SecondsLeft { get; init; }
}
