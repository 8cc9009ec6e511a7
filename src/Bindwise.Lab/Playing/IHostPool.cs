using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>Where the live hosts of one thread come from. It belongs to the thread that opened it, and so do its hosts.</summary>
public interface IHostPool : IDisposable
{
    /// <summary>Whether a further scenario can begin before one under way has ended.</summary>
    bool HasRoom { get; }

    /// <summary>A host for a scenario.</summary>
    /// <exception cref="Bindwise.Linux.Live.LiveUnavailableException">This system cannot give one.</exception>
    IHost Lease(Scenario scenario);
}
