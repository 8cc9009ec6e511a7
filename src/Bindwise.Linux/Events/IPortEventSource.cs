using Bindwise.Model.Events;

namespace Bindwise.Linux.Events;

/// <summary>Where events of a host come from: the running kernel, or a test's list.</summary>
internal interface IPortEventSource : IDisposable
{
    /// <summary>What this source cannot see, each a sentence; empty where it sees everything.</summary>
    ImmutableArray<string> Limits { get; }

    /// <summary>Tells a sink what happens until it is cancelled; it returns then. The sink is called from one thread at a time.</summary>
    /// <param name="sink">Who is told. While it works nothing is lost that the bounded buffers hold; what they cannot is counted.</param>
    void Run(IPortEventSink sink, CancellationToken cancellation);
}

/// <summary>Who is told what happens on a host.</summary>
internal interface IPortEventSink
{
    void Happened(PortEvent happened);

    /// <summary>The host was looked at: about once a second, less often where a look takes long.</summary>
    void CensusRead(HostCensus census);
}
