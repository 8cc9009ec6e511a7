namespace Bindwise.Model.Scenarios.Recording;

/// <summary>A line of a host's socket table, as it stood between two steps.</summary>
/// <param name="Socket">Its name in the scenario; null for what no name stands for.</param>
/// <param name="Process">The process that holds it, by its name in the scenario; null for none, or for the player itself.</param>
/// <param name="SecondsLeft">How long its timer still runs, in seconds: that of a TIME_WAIT or FIN_WAIT2; null where it has none.</param>
internal sealed record SocketRow(Protocol Protocol, IpEndpoint Local, IpEndpoint? Remote, TcpSocketState State, string? Socket = null,
    string? Process = null, double? SecondsLeft = null);
