using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Model.Sockets;

namespace Bindwise.Lab.Drawing;

/// <summary>What happened during a step, as a reader of RFC 9293 would tell it.</summary>
internal static class StepEvents
{
    /// <summary>
    /// The events. A handshake's request and the socket that it becomes are two things in a kernel and one in the RFC: that the request is gone
    /// when its socket is there says nothing.
    /// </summary>
    public static List<HostEvent> Of(RecordedStep step)
    {
        var events = new List<HostEvent>(step.Events.Length);
        for (var index = 0; index < step.Events.Length; index++)
        {
            var happening = step.Events[index];
            if (happening is StateEvent change)
            {
                if (IsEndOfRequest(change) && HasOther(step, index, change, static other => other.To is not null))
                    continue;
                if (change is { From: null, To: TcpState.Established } && HasOther(step, index, change, IsEndOfRequest))
                    happening = change with { From = TcpState.SynReceived };
            }
            events.Add(happening);
        }
        return events;
    }

    /// <summary>Something that a picture shows: a segment, or a state of the RFC.</summary>
    public static bool IsSeen(HostEvent happening) => happening is SegmentEvent
        || (happening is StateEvent change && !(SocketStateHistory.IsClosed(change.To) && SocketStateHistory.IsClosed(change.From)));

    private static bool IsEndOfRequest(StateEvent change) => change is { From: TcpState.SynReceived or TcpState.NewSynReceived, To: null };

    private static bool HasOther(RecordedStep step, int index, StateEvent change, Predicate<StateEvent> isWanted)
    {
        for (var other = 0; other < step.Events.Length; other++)
        {
            if (other != index && step.Events[other] is StateEvent second && second.Local == change.Local && second.Remote == change.Remote && isWanted(second))
                return true;
        }
        return false;
    }
}
