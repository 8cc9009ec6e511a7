namespace Bindwise.Model.Scenarios.Recording;

/// <summary>A host that tells, beside its results, what it saw below the system calls.</summary>
internal interface IRecordingHost : IHost
{
    /// <summary>How long ago the scenario began: virtual time on the model, real time on the kernel.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>What happened since the last call, in order of time.</summary>
    IReadOnlyList<HostEvent> TakeEvents();

    /// <summary>The sockets that exist now, and what is left of closed ones; in the order of their ports, then of their states.</summary>
    IReadOnlyList<SocketRow> Sockets();
}
