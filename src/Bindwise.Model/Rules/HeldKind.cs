namespace Bindwise.Model.Rules;

/// <summary>What of a held socket's state the conflict rules tell apart.</summary>
internal enum HeldKind : byte
{
    /// <summary>Bound, connecting, connected, closing: any full socket that does not listen; every UDP socket.</summary>
    Plain,

    Listening,

    /// <summary>TIME_WAIT, or FIN_WAIT2 without an owner: no full socket any more (inet_timewait_sock).</summary>
    TimeWait,
}
