using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>The gestures that are drawn alike for every outline.</summary>
internal static class StepTemplates
{
    private static readonly Gen<CloseWay> Endings = RandomDraws.Table(
        (48, CloseWay.Close), (11, CloseWay.Abort), (20, CloseWay.ShutWrite), (6, CloseWay.ShutRead), (9, CloseWay.ShutBoth), (4, CloseWay.Disconnect));

    private static readonly Gen<CloseWay> GentleEndings = RandomDraws.Table((80, CloseWay.Close), (20, CloseWay.ShutWrite));

    private static readonly Gen<StepTemplate> Parts = PartsOf(RandomDraws.Table((25, 1), (40, 2), (20, 3), (15, 4)), Endings, percentSame: 30);

    /// <summary>The end of any connection.</summary>
    public static Gen<StepTemplate> AnyPart => Parts;

    /// <summary>How a socket is given up.</summary>
    public static Gen<CloseWay> AnyEnding => Endings;

    /// <summary>The end of a connection that leaves a TIME_WAIT: both sides give up, in order.</summary>
    public static Gen<StepTemplate> BothPart { get; } = PartsOf(RandomDraws.Table((70, 2), (30, 3)), GentleEndings, percentSame: 10);

    /// <summary>The end of one side, mostly: what is left is in FIN_WAIT2.</summary>
    public static Gen<StepTemplate> OnePart { get; } = PartsOf(RandomDraws.Table((75, 1), (25, 2)), GentleEndings, percentSame: 50);

    /// <summary>The end of the listener.</summary>
    public static Gen<StepTemplate> ListenerEnds { get; } = RandomDraws.Ordinal.Select(static who => (StepTemplate)new SocketEndTemplate(who, true, CloseWay.Close));

    /// <summary>More than ten UDP sockets on a port, by a margin: the kernel counts others in its hash slot too, by chance.</summary>
    public static Gen<StepTemplate> Crowds { get; } = Gen.Choose(12, 13).Select(static count => (StepTemplate)new ManyUdpSocketsTemplate(count));

    /// <summary>A wait that is short of tcp_tw_reuse_delay, or long enough.</summary>
    public static Gen<StepTemplate> ShortPauses { get; } = RandomDraws.Table<StepTemplate>((1, new WaitTemplate(0.1m)), (4, new WaitTemplate(1.2m)));

    private static Gen<StepTemplate> PartsOf(Gen<int> counts, Gen<CloseWay> endings, int percentSame)
    {
        var turns = RandomDraws.Of(percentSame).Zip(endings);
        return
            from pair in RandomDraws.Ordinal
            from count in counts
            from first in RandomDraws.Half
            from drawn in turns.ArrayOf(count)
            select (StepTemplate)new ConnectionEndTemplate(pair, Alternate(drawn, first));
    }

    // The sides take turns, unless a roll says otherwise.
    private static (bool IsPeer, CloseWay Ending)[] Alternate((bool IsSame, CloseWay Ending)[] endings, bool isPeer)
    {
        var result = new (bool IsPeer, CloseWay Ending)[endings.Length];
        for (var index = 0; index < endings.Length; index++)
        {
            if (index > 0 && !endings[index].IsSame)
                isPeer = !isPeer;
            result[index] = (isPeer, endings[index].Ending);
        }
        return result;
    }
}
