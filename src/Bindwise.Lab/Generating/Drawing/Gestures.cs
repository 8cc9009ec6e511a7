using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>The gestures that are drawn alike for every outline.</summary>
internal static class Gestures
{
    private static readonly Gen<Ending> Endings = Chance.Table(
        (48, Ending.Close), (11, Ending.Abort), (20, Ending.ShutWrite), (6, Ending.ShutRead), (9, Ending.ShutBoth), (4, Ending.Disconnect));

    private static readonly Gen<Ending> GentleEndings = Chance.Table((80, Ending.Close), (20, Ending.ShutWrite));

    private static readonly Gen<Gesture> Parts = PartsOf(Chance.Table((25, 1), (40, 2), (20, 3), (15, 4)), Endings, percentSame: 30);

    /// <summary>The end of any connection.</summary>
    public static Gen<Gesture> AnyPart => Parts;

    /// <summary>How a socket is given up.</summary>
    public static Gen<Ending> AnyEnding => Endings;

    /// <summary>The end of a connection that leaves a TIME_WAIT: both sides give up, in order.</summary>
    public static Gen<Gesture> BothPart { get; } = PartsOf(Chance.Table((70, 2), (30, 3)), GentleEndings, percentSame: 10);

    /// <summary>The end of one side, mostly: what is left is in FIN_WAIT2.</summary>
    public static Gen<Gesture> OnePart { get; } = PartsOf(Chance.Table((75, 1), (25, 2)), GentleEndings, percentSame: 50);

    /// <summary>The end of the listener.</summary>
    public static Gen<Gesture> ListenerEnds { get; } = Chance.Ordinal.Select(static who => (Gesture)new End(who, true, Ending.Close));

    /// <summary>More than ten UDP sockets on a port, by a margin: the kernel counts others in its hash slot too, by chance.</summary>
    public static Gen<Gesture> Crowds { get; } = Gen.Choose(12, 13).Select(static count => (Gesture)new Crowd(count));

    /// <summary>A wait that is short of tcp_tw_reuse_delay, or long enough.</summary>
    public static Gen<Gesture> ShortPauses { get; } = Chance.Table<Gesture>((1, new Pause(0.1m)), (4, new Pause(1.2m)));

    private static Gen<Gesture> PartsOf(Gen<int> counts, Gen<Ending> endings, int percentSame)
    {
        var turns = Chance.Of(percentSame).Zip(endings);
        return
            from pair in Chance.Ordinal
            from count in counts
            from first in Chance.Half
            from drawn in turns.ArrayOf(count)
            select (Gesture)new Part(pair, Alternate(drawn, first));
    }

    // The sides take turns, unless a roll says otherwise.
    private static (bool IsPeer, Ending Ending)[] Alternate((bool IsSame, Ending Ending)[] endings, bool isPeer)
    {
        var result = new (bool IsPeer, Ending Ending)[endings.Length];
        for (var index = 0; index < endings.Length; index++)
        {
            if (index > 0 && !endings[index].IsSame)
                isPeer = !isPeer;
            result[index] = (isPeer, endings[index].Ending);
        }
        return result;
    }
}
