using System.Collections.Immutable;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Watching;

namespace Bindwise.Dashboard.Serving;

/// <summary>What the endpoints share: one of each for the server, whoever asks.</summary>
internal sealed class DashboardServices : IDisposable
{
    /// <summary>Sets it up; nothing is read or started yet.</summary>
    /// <param name="settings">What was asked on the command line.</param>
    /// <param name="access">Who may ask.</param>
    public DashboardServices(ServeSettings settings, AccessRules access)
    {
        (Settings, Access) = (settings, access);
        Host = new HostWatch(Ending.Token);
    }

    /// <summary>What was asked on the command line.</summary>
    public ServeSettings Settings { get; }

    /// <summary>Every endpoint.</summary>
    public required ImmutableArray<ApiRoute> Routes { get; init; }

    /// <summary>Who may ask.</summary>
    public AccessRules Access { get; }

    /// <summary>Tokens that were wrong.</summary>
    public TokenGuesses Guesses { get; } = new();

    /// <summary>Is cancelled when the server ends: what lives long, as a stream, ends at once.</summary>
    public CancellationTokenSource Ending { get; } = new();

    /// <summary>The host's looks and events: the one source for all clients.</summary>
    public HostWatch Host { get; }

    /// <summary>Work that reads the machine: a few at a time.</summary>
    public Looks Looks { get; } = new(mostAtOnce: 4);

    /// <summary>Work that computes, as a scenario that is played: it leaves a processor to the rest.</summary>
    public Looks Models { get; } = new(mostAtOnce: 1);

    /// <summary>Plans of <c>free</c> that were shown.</summary>
    public PreparedReleases Releases { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Ending.Cancel();
        Host.Dispose();
        Looks.Dispose();
        Models.Dispose();
        Releases.Dispose();
        Guesses.Dispose();
        Ending.Dispose();
    }
}
