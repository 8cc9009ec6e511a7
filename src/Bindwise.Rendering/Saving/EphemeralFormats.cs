using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Saving;

/// <summary>Who uses the ephemeral range, in a snapshot file.</summary>
internal static class EphemeralFormats
{
    private static readonly Format<EphemeralGroup> EphemeralGroup = new RecordFormat<EphemeralGroup>(new EphemeralGroup("", null, null, 0, 0))
        .Required("state", Plain.Text, x => x.State, (x, v) => x with { State = v })
        .Required("userId", Plain.UInt32.OrNull(), x => x.UserId, (x, v) => x with { UserId = v })
        .Required("remotePort", Plain.UInt16.OrNull(), x => x.RemotePort, (x, v) => x with { RemotePort = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Required("sampleInode", Plain.UInt64, x => x.SampleInode, (x, v) => x with { SampleInode = v });

    private static readonly Format<EphemeralDestination> Destination = new RecordFormat<EphemeralDestination>(new EphemeralDestination(default, default, 0, 0, 0))
        .Required("remote", Spellings.Endpoint, x => x.Remote, (x, v) => x with { Remote = v })
        .Required("local", Spellings.Address, x => x.Local, (x, v) => x with { Local = v })
        .Required("count", Plain.Int32, x => x.Count, (x, v) => x with { Count = v })
        .Required("timeWait", Plain.Int32, x => x.TimeWait, (x, v) => x with { TimeWait = v })
        .Required("sampleInode", Plain.UInt64, x => x.SampleInode, (x, v) => x with { SampleInode = v });

    /// <summary>The use of the ephemeral range.</summary>
    public static readonly Format<EphemeralUse> Ephemeral = new RecordFormat<EphemeralUse>(new EphemeralUse())
        .Field("usable", Plain.Int32, x => x.Usable, (x, v) => x with { Usable = v })
        .Field("used", Plain.Int32, x => x.Used, (x, v) => x with { Used = v })
        .Field("groups", EphemeralGroup.List(), x => x.Groups, (x, v) => x with { Groups = v })
        .Field("bound", Plain.Int32, x => x.Bound, (x, v) => x with { Bound = v })
        .Field("destinations", Destination.List(), x => x.Destinations, (x, v) => x with { Destinations = v })
        .Field("destinationsCut", Plain.Boolean, x => x.DestinationsCut, (x, v) => x with { DestinationsCut = v })
        .Field("closedToAsked", Plain.Int32, x => x.ClosedToAsked, (x, v) => x with { ClosedToAsked = v });
}
