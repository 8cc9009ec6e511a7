using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Watching;

namespace Bindwise.Dashboard.Serving;

/// <summary>What the endpoints share: one of each for the server, whoever asks.</summary>
internal sealed class DashboardServices : IDisposable
{
    /// <summary>Sets it up; nothing is read or started yet.</summary>
    /// <param name="settings">What was asked on the command line.</param>
    public DashboardServices(ServeSettings settings)
    {
        Settings = settings;
        Host = new HostWatch(Ending.Token);
    }

    /// <summary>What was asked on the command line.</summary>
    public ServeSettings Settings { get; }

    /// <summary>Is cancelled when the server ends: what lives long, as a stream, ends at once.</summary>
    public CancellationTokenSource Ending { get; } = new();

    /// <summary>The host's looks and events: the one source for all clients.</summary>
    public HostWatch Host { get; }

    /// <summary>Work that reads the machine: a few at a time.</summary>
    public Looks Looks { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Ending.Cancel();
        Host.Dispose();
        Looks.Dispose();
        Ending.Dispose();
    }
}
