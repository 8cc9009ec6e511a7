namespace Bindwise.Model.Simulation;

/// <summary>Which of two sockets gets what both of them could receive.</summary>
internal enum Receiver : byte
{
    First,
    Second,

    /// <summary>Each connection or datagram goes to one of them, by a hash of its ends.</summary>
    Either,

    /// <summary>The one that listens, or for UDP is bound, last.</summary>
    Newest,

    /// <summary>The one that listens, or for UDP is bound, first.</summary>
    Oldest,
}
